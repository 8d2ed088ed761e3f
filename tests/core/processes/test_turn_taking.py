"""Workers that take turns in one process do what processes do."""

import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from loft.core.errors import JobError
from loft.core.files.checkpoint import read_network
from loft.core.processes.launch import launch
from loft.core.processes.turn_taking import (
    ThreadWorker,
    Turns,
    describe_placement,
    join_workers,
    take_turns,
)
from loft.core.processes.workers import ProcessWorker, Workers
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import Pretrain
from tests.faults.harness import Step, made
from tests.faults.steps import long, pretraining


def in_turns(step: Step) -> Step:
    return Step([*step.arguments, "--turns"], step.folder)


@pytest.mark.parametrize(
    "cell",
    ["loft-2", *(pytest.param(cell, marks=pytest.mark.slow) for cell in ("loft-4", "local_sgd-2"))],
)
def test_turns_give_the_bits_of_processes(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, cell: str
) -> None:
    job = run.pretrain_job("preresnet18", cell, 0)
    in_turns(pretraining(job, images_file, tmp_path)).finish()
    assert made(tmp_path / "made") == made(pretrain(job)[0])


@pytest.mark.slow
def test_an_average_of_four_differs_by_rounding(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    """A ring adds up in another order."""
    job = run.pretrain_job("preresnet18", "local_sgd-4", 0)
    in_turns(pretraining(job, images_file, tmp_path)).finish()
    ours = read_network(paths.snapshot(tmp_path / "made", 1))[0]
    theirs = read_network(paths.snapshot(pretrain(job)[0], 1))[0]
    for name, tensor in ours.items():
        torch.testing.assert_close(tensor, theirs[name], rtol=1e-2, atol=1e-3, msg=name)


@pytest.mark.slow
def test_what_was_begun_in_turns_ends_in_processes(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    job = long(run, "loft-2")
    step = pretraining(job, images_file, tmp_path)
    status, said = in_turns(step).interrupt(signal.SIGTERM, 0.1)
    assert status == 1
    assert "stopped by SIGTERM; what was done is kept" in said
    shutil.rmtree(tmp_path / "made", ignore_errors=True)
    assert "epoch 1/" not in step.finish()
    assert made(tmp_path / "made") == made(pretrain(job)[0])


def work(how: str) -> None:
    workers = join_workers()
    others = workers.exchange({"rank": workers.rank})
    assert others == [{"rank": rank} for rank in range(3)]
    if how == "fail" and workers.rank == 1:
        raise JobError("worker 1 has had enough")
    tensor = torch.full((4,), float(workers.rank))
    assert workers.average(tensor).tolist() == [1.0] * 4
    assert workers.sent == 2 * 2 * 16 // 3 + (workers.rank < 2 * 2 * 16 % 3)
    left, right = (workers.rank - 1) % 3, (workers.rank + 1) % 3
    workers.send(torch.tensor([10.0 * workers.rank]), right)
    assert workers.receive(1, left).tolist() == [10.0 * left]


def test_workers_meet_and_count() -> None:
    take_turns(work, ("meet",), 3)


def gather(workers_meant: int) -> None:
    workers = join_workers()
    gathered = workers.gather(torch.full((5,), workers.rank, dtype=torch.uint8))
    assert [tensor.tolist() for tensor in gathered] == [[rank] * 5 for rank in range(workers_meant)]
    assert workers.sent == 5 * (workers_meant - 1)  # to all others
    workers.close()


@pytest.mark.parametrize("start", [take_turns, launch])
def test_all_workers_gather_all_tensors(start: Callable[..., None]) -> None:
    start(gather, (3,), 3)


def test_one_that_fails_ends_the_others() -> None:
    with pytest.raises(JobError, match=re.escape("worker 1 has had enough")):
        take_turns(work, ("fail",), 3)


@pytest.mark.parametrize(
    ("turns", "device", "size", "said"),
    [
        (False, "cpu", 1, "one worker on the CPU: torch sees no GPU"),
        (False, "cpu", 2, "2 workers on the CPU: torch sees no GPU"),
        (False, "cuda:0", 2, "2 workers, each on a GPU of its own (cuda:0)"),
        (True, "cuda:0", 4, "4 workers take turns on one GPU (cuda:0): there is not one for each"),
        (True, "cpu", 4, "4 workers take turns on the CPU: as asked"),
    ],
)
def test_a_job_says_where_it_computes_and_why(
    turns: bool, device: str, size: int, said: str
) -> None:
    workers: Workers = ThreadWorker(Turns(size), 0, device) if turns else ProcessWorker()
    workers.size, workers.device = size, device
    assert describe_placement(workers) == said
