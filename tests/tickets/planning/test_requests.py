"""Trainings ask schedulers for memory and time that follow from shapes and operations."""

from pathlib import Path

import pytest

from loft.core.data.dimensions import dimensions
from loft.core.errors import UserError
from loft.core.system.gpus import Card
from loft.tickets.planning import durations, requests, speed
from loft.tickets.planning.footprint import finetuning_memory, pretraining_memories
from loft.tickets.planning.requests import SAFETY, START, Requests
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run
from tests.conftest import TINY

MODEL = "preresnet18"
SLOW = 1e-9  # 10^12 operations a second: so slow that a second of the plan shows in minutes


@pytest.fixture
def slow() -> Run:
    return Run.model_validate(TINY | {"compute": TINY["compute"] | {"tflops": SLOW}})


def test_time_is_the_plans_times_a_factor_and_a_start(slow: Run) -> None:
    asked, data, known = Requests(slow, []), dimensions(slow.data), speed.stated(slow, SLOW)
    seconds = durations.pretraining(slow.pretrain_job(MODEL, "loft-2", 0), data, known)
    minutes = (START + SAFETY * seconds) / 60
    assert asked.pretraining_minutes(MODEL, "loft-2") == pytest.approx(minutes, abs=1)
    seconds = durations.finetuning(slow.finetune_job("dense", 0), slow.model(MODEL), data, known)
    minutes = (START + SAFETY * seconds) / 60
    assert asked.finetuning_minutes(MODEL, "dense") == pytest.approx(minutes, abs=1)
    longer = asked.pretraining_minutes(MODEL, UNPRUNED)
    assert longer > asked.pretraining_minutes(MODEL, "dense")


def test_workers_in_turns_on_one_gpu_take_as_many_times_longer(slow: Run) -> None:
    own, turns = (
        Requests(slow, [Card(f"GPU-{gpu}", None) for gpu in range(count)]) for count in (4, 1)
    )
    each = own.pretraining_minutes(MODEL, "loft-4") - START / 60
    all_four = turns.pretraining_minutes(MODEL, "loft-4") - START / 60
    assert all_four == pytest.approx(4 * each, rel=0.01)


def test_memory_is_the_plans_times_a_factor_and_the_libraries(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MB", 1)  # bytes, for networks so small
    asked, data = Requests(run, []), dimensions(run.data)
    each = pretraining_memories(run.pretrain_job(MODEL, "loft-4", 0), data, "float32")
    tensors = each[0].host + sum(own.device for own in each)
    expected = 5 * requests.LIBRARIES + SAFETY * tensors
    assert asked.pretraining_memory(MODEL, "loft-4") == expected
    assert asked.updates_memory(MODEL, "loft-4") == expected + 4 * requests.GRADIENTS
    own = finetuning_memory(run.finetune_job("dense", 0), run.model(MODEL), data, "float32")
    expected = 2 * requests.LIBRARIES + SAFETY * own.device
    assert asked.finetuning_memory(MODEL, "dense") == expected


def test_on_gpus_activations_are_not_in_the_hosts_memory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MB", 1)
    asked = Requests(run, [Card("GPU-0", None)])
    (own,) = pretraining_memories(
        run.pretrain_job(MODEL, "dense", 0), dimensions(run.data), "float32"
    )
    expected = 2 * requests.LIBRARIES + requests.CUDA + SAFETY * (own.exact + own.host)
    assert asked.pretraining_memory(MODEL, "dense") == expected


def test_data_that_are_not_there_yet_leave_what_depends_on_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(_: object) -> None:
        raise UserError(f"{tmp_path}: no such folder")

    monkeypatch.setattr(requests, "dimensions", missing)
    asked = Requests(run, [])
    assert asked.pretraining_minutes(MODEL, "loft-2") == START // 60
    assert asked.pretraining_memory(MODEL, "loft-2") == 3 * requests.LIBRARIES // requests.MB


def test_every_training_of_a_run_asks_for_something(run: Run) -> None:
    asked = Requests(run, [])
    for cell in [*run.trained, *run.measured, UNPRUNED]:
        assert asked.pretraining_memory(MODEL, cell) > 0
        assert asked.pretraining_minutes(MODEL, cell) >= START // 60
    for cell in [*run.trained, *run.controls]:
        assert asked.finetuning_memory(MODEL, cell) > 0
        assert asked.finetuning_minutes(MODEL, cell) >= START // 60
