"""A job that was killed or stopped goes on from where it was, to the same bits."""

import fcntl
import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from loft.core.data.dataset import write
from loft.core.data.sources import prepare
from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.processes.signals import ENDING_SIGNALS
from loft.core.processes.workers import ProcessWorker
from loft.core.training.resume import StateKeeper, remove_state
from loft.tickets.finetuning import finetune
from loft.tickets.pruning import prune
from loft.tickets.run.run import Run
from tests import pictures
from tests.conftest import TINY, Pretrain, changed
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

    whole, cut = tmp_path / "whole", tmp_path / "cut"
    norms, metrics = "norms.safetensors", "metrics.jsonl"
    finetune.run(job, images_file, tmp_path / "trained", whole / norms, whole / metrics)
    given = ["finetune", "--settings", job.dump(), "--data", str(images_file)]
    given += ["--pretrained", str(tmp_path / "trained"), "--work", str(cut / "work")]
    given += ["--norms", str(cut / "made" / norms), "--metrics", str(cut / "made" / metrics)]
    check(Step(given, cut), whole, how, random.Random(how).uniform(0.05, 0.4))


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        ("loft-2", signal.SIGTERM),
        pytest.param("loft-2", signal.SIGINT, marks=pytest.mark.slow),
        pytest.param("loft-2", signal.SIGHUP, marks=pytest.mark.slow),
        pytest.param("gpipe-2", signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_a_signal_to_all_processes_at_once_loses_nothing(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path, cell: str, how: signal.Signals
) -> None:
    """As a terminal, `timeout`, systemd and schedulers send it."""
    job = long(run, cell)
    step = pretraining(job, images_file, tmp_path)
    status, said = step.interrupt(how, 0.1, everyone=True)
    assert status == 1
    line = f"loft: stopped by {how.name}; what was done is kept, start again to go on"
    assert said.splitlines()[-1] == line
    shutil.rmtree(tmp_path / "made", ignore_errors=True)
    assert "epoch 1/" not in step.finish()
    assert made(tmp_path / "made") == made(pretrain(job)[0])


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["dense", "loft-2"])
def test_a_signal_to_all_processes_that_load_images_too_loses_nothing(
    tmp_path: Path, cell: str
) -> None:
    pictures.write_folder(tmp_path / "pictures", train=22, test=2)  # two batches
    data = pictures.settings(tmp_path / "pictures", size=8, resize=9)
    run = Run.model_validate({**TINY, "data": data, "augment": pictures.AUGMENT})
    index = tmp_path / "images.safetensors"
    write(prepare(run.data, loaders=0), index)

    job = changed(long(run, cell), epochs=4, snapshots=[4])
    cut, whole = (pretraining(job, index, tmp_path / name) for name in ("cut", "whole"))
    loading = Step([*cut.arguments, "--loaders", "2"], cut.folder)
    status, said = loading.interrupt(signal.SIGTERM, 0.1, everyone=True)
    assert status == 1
    line = "loft: stopped by SIGTERM; what was done is kept, start again to go on"
    assert said.splitlines()[-1] == line
    shutil.rmtree(tmp_path / "cut" / "made", ignore_errors=True)
    assert "epoch 1/" not in cut.finish()  # loaders change no bit
    whole.finish()
    assert made(cut.folder / "made") == made(whole.folder / "made")


def test_a_log_that_no_one_keeps_any_more_ends_no_training(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    """A signal to all processes ends the `tee` that keeps it."""
    job = long(run, "dense")
    with pretraining(job, images_file, tmp_path).start() as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        assert process.wait() == 0
    assert made(tmp_path / "made") == made(pretrain(job)[0])


def test_the_state_of_another_job_is_left_alone(
    run: Run, images_file: Path, pretrain: Pretrain, tmp_path: Path
) -> None:
    """One other value is another job, which starts anew and says so."""
    job = long(run, "dense")
    status, _ = pretraining(job, images_file, tmp_path).interrupt(signal.SIGTERM, 0.1)
    assert status == 1
    other = changed(job, seed=1, snapshots=[EPOCHS])  # no first epoch, as the one before
    kept = tmp_path / "work" / "outputs" / f"epoch{EPOCHS}" / ".model.safetensors.1"
    kept.parent.mkdir()
    kept.write_bytes(b"half")  # by a process that was killed before it renamed
    said = pretraining(other, images_file, tmp_path).finish()
    assert "the state of another job; starting anew" in said
    assert made(tmp_path / "made") == made(pretrain(other)[0])


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", '{"job": "1"}', '{"job": 1, "number": 1}', '{"job": "1", "number": "1"}',
     "[" * 100_000, "\xff"],
)  # fmt: skip
def test_a_damaged_record_of_the_state_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UserError) as error:
        StateKeeper(tmp_path, "1", ProcessWorker()).restore()
    assert str(error.value) == (
        f"{path}: expected a job and the number of its state; found other things; remove the "
        "folder to start anew"
    )


def test_a_job_that_is_done_cannot_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is its state damaged, where it is killed while it removes it."""
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    (tmp_path / "state.json").touch()
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    try:
        remove_state(tmp_path)
        for number in ENDING_SIGNALS:
            os.kill(os.getpid(), number)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert not (tmp_path / "state.json").exists()


def test_what_is_half_written_is_no_result(tmp_path: Path) -> None:
    """Of this job's: where it goes on, what it was to put out stays, but for that."""
    keeper = StateKeeper(tmp_path / "work", "1", ProcessWorker())
    assert keeper.restore() is None
    out = keeper.outputs(tmp_path / "made")
    write_bytes(out / "epoch1" / "model.safetensors", b"whole")
    (out / "epoch1" / ".model.safetensors.1").write_bytes(b"half")
    keeper.finish(tmp_path / "made")
    assert made(tmp_path / "made") == {"epoch1/model.safetensors": b"whole"}


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
