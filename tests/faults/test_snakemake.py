"""Killing snakemake outright: nothing it started lives on, and the next call goes on from there."""

import copy
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import TINY, write_params
from tests.faults.harness import PATIENCE, orphans
from tests.project import copy_to, snakemake

WANTED = "results/tiny/tickets/metrics/preresnet18/loft-2/seed0/metrics.jsonl"


@pytest.mark.slow
def test_nothing_outlives_snakemake_and_the_next_call_goes_on(tmp_path: Path) -> None:
    project = copy_to(tmp_path)
    values = copy.deepcopy(TINY)
    values["pretrain"].update(epochs=60, snapshot_every=60, evaluate_every=60)
    values["finetune"]["early"] = {"cells": [], "ratios": []}
    write_params(project / "params" / "tiny.yaml", values)
    given = [WANTED, "--configfile", "params/tiny.yaml", "--cores", "2"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    log = project / "said.txt"
    with log.open("w") as said:
        killed = subprocess.Popen(
            ["snakemake", *given],
            cwd=project,
            env={**os.environ, "PATH": path},
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while "epoch 2/" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    deadline = time.monotonic() + PATIENCE
    while orphans(killed.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert orphans(killed.pid) == []
    locked = snakemake(project, *given)
    assert locked.returncode == 1
    assert "--unlock" in locked.stderr
    assert snakemake(project, *given, "--unlock").returncode == 0
    done = snakemake(project, *given)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "epoch 60/" in done.stdout
    assert "epoch 1/" not in done.stdout
    assert (project / WANTED).exists()
    assert not (
        project / "work" / "tiny" / "preresnet18" / "loft-2" / "seed0" / "pretrain"
    ).exists()
