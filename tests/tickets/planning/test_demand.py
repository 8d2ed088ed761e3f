"""Jobs ask for places on GPUs so that no GPU holds more of them than fit."""

import random
from collections import Counter

import pytest

from loft.core.data.dimensions import dimensions
from loft.core.system.gpus import Card
from loft.tickets.planning import demand
from loft.tickets.planning.demand import Demand
from loft.tickets.planning.footprint import pretraining_memories
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import TINY

COUNTS = [1, 2, 4, 8]
LARGE = 80 * 10**9  # bytes


def machine(count: int, memory: int | None = LARGE) -> list[Card]:
    return [Card(f"GPU-{number}", memory) for number in range(count)]


def test_without_a_gpu_nothing_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Demand, "_data", property(lambda _: pytest.fail("looked at the data")))
    none = Demand(run, [])
    asked = none.pretraining("preresnet18", "loft-4", 0), none.finetuning("preresnet18", "dense", 0)
    assert (none.total, none.gpu(1), none.gpu(4), *asked) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("workers", range(1, 9))
def test_workers_ask_for_whole_gpus_or_for_a_place(run: Run, count: int, workers: int) -> None:
    asked = Demand(run, machine(count)).gpu(workers)
    assert asked == (2 * workers if 1 < workers <= count else 1)
    assert asked <= Demand(run, machine(count)).total == 2 * count


def test_memory_is_the_plans_and_lowers_how_many_share(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "MB", 1)  # bytes, for networks so small
    monkeypatch.setattr(demand, "LIBRARIES", 0)
    one, four = Demand(run, machine(1)), Demand(run, machine(4))
    turns, each = (own.pretraining("preresnet18", "loft-4", 0) for own in (one, four))
    job = run.pretrain_job("preresnet18", "loft-4", 0)
    plan = [own.device for own in pretraining_memories(job, dimensions(run.data), "float32")]
    assert (turns, each) == (sum(plan), max(plan))  # in turns all networks are on one
    dense = one.pretraining("preresnet18", UNPRUNED, 0)
    assert one.finetuning("preresnet18", "dense", 0) <= dense
    needed = max(one.pretraining("preresnet18", cell, 0) for cell in [*run.trained, *run.measured])
    for memory, asked in [(2 * needed, 1), (2 * needed - 1, 2), (needed // 2, 2), (None, 1)]:
        assert Demand(run, machine(1, memory)).gpu(1) == asked


@pytest.mark.parametrize("places", [1, 2, 3, 5])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_no_gpu_is_ever_given_more_jobs_than_fit(places: int, count: int) -> None:
    """Jobs come and go at random; each takes the GPUs that fewest hold, as a lease does."""
    compute = TINY["compute"] | {"jobs_per_gpu": places}
    own = Demand(Run.model_validate(TINY | {"compute": compute}), machine(count))
    draw = random.Random(0)
    running: list[tuple[int, list[int]]] = []
    held: Counter[int] = Counter()
    for _ in range(500):
        workers = draw.randint(1, 4)
        asked = own.gpu(workers)
        if sum(place for place, _ in running) + asked > own.total:
            held.subtract(running.pop(draw.randrange(len(running)))[1])
            continue
        devices = workers if workers <= count else 1
        gpus = sorted(range(count), key=lambda gpu: held[gpu])[:devices]
        held.update(gpus)
        running.append((asked, gpus))
        assert max(held.values()) <= places
