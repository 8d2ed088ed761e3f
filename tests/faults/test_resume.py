"""A job that was killed or stopped goes on from where it was, to the same bits."""

import fcntl
import random
import shutil
import signal
from pathlib import Path

import pytest

from loft.tickets.config import Run
from loft.tickets.stages import prune
from tests.conftest import Pretrain, changed
from tests.faults.harness import Step, made
from tests.faults.steps import EPOCHS, long, pretraining


def check(step: Step, whole: Path, how: signal.Signals, seconds: float) -> None:
    """Interrupt a step, start it again, and hold what it made against an unbroken one's."""
    status, said = step.interrupt(how, seconds)
    if status != 0:  # else it was faster than the signal
        assert not (step.folder / "made" / "metrics.jsonl").exists()
        shutil.rmtree(step.folder / "made", ignore_errors=True)  # as Snakemake does
        first = said.partition("epoch 1/")[0]  # what has had its first epoch
        assert f"{first}epoch 1/" not in step.finish()
        if how != signal.SIGKILL:
            assert status == 1
            assert said.splitlines()[-1].startswith(f"loft: stopped by {how.name}")
            assert "Traceback" not in said
    assert made(step.folder / "made") == made(whole)
    assert not (step.folder / "work").exists()


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        ("loft-2", signal.SIGKILL),
        ("dense", signal.SIGINT),
        pytest.param("dense", signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param("gpipe-2", signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param("local_sgd-2", signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_a_pretraining_goes_on_to_the_same_bits(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, cell: str, how: signal.Signals
) -> None:
    """After SIGTERM the contract of all methods holds it."""
    job = long(run, cell)
    whole, _ = pretrain(job)
    seconds = random.Random(f"{cell} {how}").uniform(0.05, 0.4)
    check(pretraining(job, images_file, tmp_path), whole, how, seconds)


@pytest.mark.parametrize(
    "how", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL]
)
def test_a_fine_tuning_goes_on_to_the_same_bits(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, how: signal.Signals
) -> None:
    trained, _ = pretrain(run.pretrain_job("preresnet18", "dense", 0))
    shutil.copytree(trained, tmp_path / "trained")
    prune.run(run.prune_job(), [tmp_path / "trained"])
    job = run.finetune_job("dense", 0).model_copy(update={"epochs": EPOCHS})

    def tuning(folder: Path) -> Step:
        given = ["finetune", "--settings", job.dump(), "--data", str(images_file)]
        given += ["--pretrained", str(tmp_path / "trained"), "--work", str(folder / "work")]
        given += ["--norms", str(folder / "made" / "norms.safetensors")]
        return Step([*given, "--metrics", str(folder / "made" / "metrics.jsonl")], folder)

    tuning(tmp_path / "whole").finish()
    seconds = random.Random(how).uniform(0.05, 0.4)
    check(tuning(tmp_path / "cut"), tmp_path / "whole" / "made", how, seconds)


def test_the_state_of_another_job_is_left_alone(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    """One other value is another job, which starts anew and says so."""
    job = long(run, "dense")
    status, _ = pretraining(job, images_file, tmp_path).interrupt(signal.SIGTERM, 0.1)
    assert status == 1
    other = changed(job, seed=1)
    said = pretraining(other, images_file, tmp_path).finish()
    assert "the state of another job; starting anew" in said
    assert made(tmp_path / "made") == made(pretrain(other)[0])


def test_a_damaged_state_is_one_line(run: Run, images_file: Path, tmp_path: Path) -> None:
    step = pretraining(long(run, "dense"), images_file, tmp_path)
    assert step.interrupt(signal.SIGTERM, 0.1)[0] == 1
    (part,) = (tmp_path / "work").glob("*.safetensors")
    part.write_bytes(part.read_bytes()[:1000])
    with step.start() as process:
        _, said = process.communicate()
    assert process.returncode == 2
    assert said.count("\n") == 1
    assert f"{part}: expected a whole safetensors file" in said


def test_two_processes_do_not_work_on_one_job(run: Run, images_file: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with (tmp_path / "work" / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pretraining(long(run, "dense"), images_file, tmp_path).start() as process:
            _, said = process.communicate()
    assert process.returncode == 2
    assert said == f"loft: {tmp_path / 'work'}: another process is at work on this job\n"
