"""Workers that take turns in one process do what processes do."""

import re
import shutil
import signal
from pathlib import Path

import pytest
import torch

from loft.core.checkpoint import read_network
from loft.core.errors import JobError
from loft.core.turns import join, take_turns
from loft.tickets import layout
from loft.tickets.config import Run
from tests.conftest import Pretrain, loft
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
    ours = read_network(layout.snapshot(tmp_path / "made", 1))[0]
    theirs = read_network(layout.snapshot(pretrain(job)[0], 1))[0]
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
    workers = join()
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


def test_one_that_fails_ends_the_others() -> None:
    with pytest.raises(JobError, match=re.escape("worker 1 has had enough")):
        take_turns(work, ("fail",), 3)


def test_a_pipeline_needs_processes(run: Run, images_file: Path, tmp_path: Path) -> None:
    step = pretraining(run.pretrain_job("preresnet18", "gpipe-2", 0), images_file, tmp_path)
    done = loft(*in_turns(step).arguments)
    assert done.returncode == 2
    assert done.stderr == "loft: --turns: found gpipe, which needs a process for each worker\n"
