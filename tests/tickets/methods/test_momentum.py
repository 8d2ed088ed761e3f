"""Momentum at a synchronisation: the same three rules for all methods that train locally."""

from collections.abc import Callable
from typing import Any, get_args

import pytest
import torch
from torch import Tensor

from loft.core.processes.turn_taking import join_workers, take_turns
from loft.tickets.communication import ledger
from loft.tickets.methods import METHODS
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.filter_sets import common, moving, positions
from loft.tickets.methods.interface import find
from loft.tickets.methods.local_training import LocalTraining, Momentum
from loft.tickets.network.blocks import narrow
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.pretraining.setup import setup
from loft.tickets.run.run import Run
from tests.conftest import method_job

LOCAL = [name for name in METHODS if issubclass(find(name), LocalTraining)]
RULES = get_args(Momentum)


def job(run: Run, method: str, workers: int, **options: Any) -> PretrainJob:
    return method_job(run, method, workers, **{"local_iterations": 1, **options})


def trained(job: PretrainJob, images: Any, look: Callable[[Any], None]) -> None:
    """Be a worker for three rounds of a step; `look` at it after every synchronisation."""
    torch.set_num_threads(1)
    workers = join_workers()
    batches = images.batches(job.augment, job.sgd.batch_size, "cpu", loaders=0)
    worker = job.options.worker(setup(job, images, workers, lambda: iter(())))
    every = list(batches.epoch(job.seed, 1, worker.order))[:3]
    for number, (inputs, labels) in enumerate(every, start=1):
        worker.step(inputs, labels, 0.01)
        worker.synchronise(collect=number == len(every))
        look(worker)


def buffers(worker: Any) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in worker.learner.momentum().items()}


def by_worker(job: PretrainJob, images: Any) -> list[list[dict[str, Tensor]]]:
    """Each worker's momentum buffers after each round."""
    found: list[list[dict[str, Tensor]]] = [[] for _ in range(job.workers)]

    def look(worker: Any) -> None:
        found[worker.workers.rank].append(buffers(worker))

    take_turns(trained, (job, images, look), job.workers)
    return found


def test_the_rules_are_the_same_for_all_methods() -> None:
    assert len(LOCAL) >= 2
    assert RULES == ("reset", "local", "carry")
    for name in LOCAL:
        assert get_args(find(name).model_fields["momentum"].annotation) == RULES


@pytest.mark.parametrize("method", LOCAL)
def test_reset_leaves_no_momentum(run: Run, images: Any, method: str) -> None:
    for rounds in by_worker(job(run, method, 2, momentum="reset"), images):
        assert all(not tensor.any() for found in rounds for tensor in found.values())


@pytest.mark.parametrize("method", LOCAL)
@pytest.mark.parametrize("rule", ["local", "carry"])
def test_momentum_goes_on(run: Run, images: Any, method: str, rule: str) -> None:
    for rounds in by_worker(job(run, method, 2, momentum=rule), images):
        shared = [name for name in rounds[0] if not name.startswith("layer")]
        assert shared
        assert all(found[name].any() for found in rounds for name in shared)


@pytest.mark.parametrize("method", LOCAL)
def test_carried_momentum_is_the_same_for_what_all_workers_share(
    run: Run, images: Any, method: str
) -> None:
    first, second = by_worker(job(run, method, 2, momentum="carry"), images)
    shared = [name for name in first[0] if not name.startswith("layer")]
    for name in shared:
        if method == "local_sgd":  # LoFT's buffers come with the next round's networks
            assert torch.equal(first[-1][name], second[-1][name])


def test_local_keeps_a_filters_buffer_where_the_filter_stays(run: Run, images: Any) -> None:
    wanted = job(run, "loft", 2, momentum="local", aggregation="direct")
    kept: list[tuple[int, int]] = []

    def look(worker: Any) -> None:
        if worker._aggregation.round != 1:
            return
        rank = worker.workers.rank
        before, after = worker._partition(0)[rank], worker._partition(1)[rank]
        own = moving(buffers(worker), after)
        stays = common(before, after)
        staying = narrow(own, positions(after, stays))
        count = sum(len(filters) for filters in stays.values())
        kept.append((count, sum(len(filters) for filters in after.values())))
        assert any(tensor.any() for tensor in staying.values())
        for path, filters in after.items():
            fresh = [i for i, one in enumerate(filters.tolist()) if one not in stays[path].tolist()]
            weight = own[f"{path}.conv1.weight"]
            assert not weight[fresh].any()
            left = [i for i in range(len(filters)) if i not in fresh]
            assert all(weight[i].any() for i in left)

    take_turns(trained, (wanted, images, look), 2)
    assert len(kept) == 2
    assert all(0 < stay < every for stay, every in kept)


@pytest.mark.parametrize("method", LOCAL)
@pytest.mark.parametrize("rule", RULES)
def test_bytes_follow_from_shapes(run: Run, images: Any, method: str, rule: str) -> None:
    """Carried buffers are counted; the others send nothing."""
    wanted, sent = job(run, method, 2, momentum=rule), [0, 0]

    def look(worker: Any) -> None:
        sent[worker.workers.rank] = worker.workers.sent

    take_turns(trained, (wanted, images, look), 2)
    one = wanted.model_copy(update={"epochs": 1})
    entry = ledger_entry(one, images.channels, images.size, images.classes, 3)
    assert sum(sent) == ledger.total_bytes(entry, PROTOCOL)


@pytest.mark.parametrize("method", LOCAL)
@pytest.mark.parametrize("rule", ["local", "carry"])
def test_one_worker_that_keeps_momentum_is_sgd(
    run: Run, images: Any, method: str, rule: str
) -> None:
    def weights(wanted: PretrainJob) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}

        def look(worker: Any) -> None:
            found.update(
                {n: p.detach().clone() for n, p in worker.learner.model.named_parameters()}
            )

        take_turns(trained, (wanted, images, look), 1)
        return found

    options = {**find(method).plain, "momentum": rule}
    dense = weights(run.pretrain_job("preresnet18", "dense", 0))
    found = weights(job(run, method, 1, **options))
    assert all(torch.equal(found[name], dense[name]) for name in dense)
