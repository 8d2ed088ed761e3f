"""Worker processes: one that dies takes the job with it, and none is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loft.core.errors import JobError
from loft.core.processes.launch import launch
from loft.tickets.run.run import Run
from tests.conftest import ROOT, changed, loft


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_killing_one_worker_fails_the_job_and_ends_the_others(
    run: Run, images_file: Path, tmp_path: Path
) -> None:
    job = changed(run.pretrain_job("preresnet18", "loft-2", 0), epochs=1000, snapshots=[1000])
    command = [sys.executable, "-m", "loft", "pretrain", "--settings", job.dump()]
    command += ["--data", str(images_file), "--out", str(tmp_path)]
    command += ["--metrics", str(tmp_path / "metrics.jsonl")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as launcher:
        assert launcher.stderr is not None
        line = next(line for line in launcher.stderr if "epoch 1/1000" in line)
        assert "left" in line
        workers = [worker for server in children(launcher.pid) for worker in children(server)]
        assert len(workers) == 2
        os.kill(workers[1], signal.SIGKILL)
        launcher.stderr.read()
        assert launcher.wait(timeout=60) != 0
    deadline = time.monotonic() + 20
    while any(alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(worker) for worker in workers)
    assert not (tmp_path / "metrics.jsonl").exists()


@pytest.mark.parametrize("cell", ["dense", "loft-2"])
def test_a_loss_that_is_no_number_is_one_line(
    run: Run, images_file: Path, tmp_path: Path, cell: str
) -> None:
    job = run.pretrain_job("preresnet18", cell, 0)
    hopeless = changed(job, sgd={**job.sgd.model_dump(), "learning_rate": 1e9})
    given = ["--settings", hopeless.dump(), "--data", str(images_file), "--out", str(tmp_path)]
    result = loft("pretrain", *given, "--metrics", str(tmp_path / "metrics.jsonl"))
    assert result.returncode == 1
    line = "loft: pretrain: the loss is nan in epoch 1; lower the learning rate; "
    line += f"the last good snapshot is {tmp_path}/epoch0/model.safetensors"
    assert result.stderr.splitlines()[1:] == [line]  # after the one that says where it computes
    assert not (tmp_path / "metrics.jsonl").exists()


def fail(how: str) -> None:
    if how == "raise":
        raise ZeroDivisionError("a mistake")
    sys.exit(7)


def test_a_workers_mistake_is_shown_with_its_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(JobError, match="failed: ZeroDivisionError: a mistake"):
        launch(fail, ("raise",), 2)
    assert capfd.readouterr().err.count("Traceback") == 1


def test_a_worker_that_leaves_is_an_error() -> None:
    with pytest.raises(JobError, match="ended with status 7"):
        launch(fail, ("leave",), 2)
