"""Worker processes: one that dies takes the job with it, and none is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from loft.tickets.config import Run
from tests.conftest import ROOT, changed


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
        workers = children(launcher.pid)
        assert len(workers) == 2
        os.kill(workers[1], signal.SIGKILL)
        launcher.stderr.read()
        assert launcher.wait(timeout=60) != 0
    deadline = time.monotonic() + 20
    while any(alive(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(worker) for worker in workers)
    assert not (tmp_path / "metrics.jsonl").exists()
