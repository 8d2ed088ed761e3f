"""What the network interface saw: bytes counted, computed and really sent agree.

Each job runs in a network namespace of its own, where nothing else uses the loopback interface.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loft.core.reporting.metrics import read
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.run.params import Run
from tests.conftest import ROOT, changed

WIDTH = 32  # wide enough for workers' reports to be few beside the payload
COUNT = "awk -F'[: ]+' '/^ *lo:/ {print $11, $12}' /proc/net/dev"  # bytes and packets sent
HEADERS = 20 + 32  # bytes of each packet: IP's, TCP's with time stamps; lo counts no Ethernet's
# TCP's probes for lost packets off: where processors are busy, answers come late, and what was not
# lost, as on the loopback interface nothing is, would be sent twice.
NO_PROBES = "echo 0 > /proc/sys/net/ipv4/tcp_early_retrans"


def namespaces() -> bool:
    """Whether this machine lets a user make a network namespace."""
    try:
        made = subprocess.run(["unshare", "-rn", "ip", "link"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return made.returncode == 0


@pytest.mark.skipif(not namespaces(), reason="no network namespaces here")
@pytest.mark.parametrize(
    ("cell", "aggregation"),
    [
        ("loft-2", "star"),
        pytest.param("loft-4", "star", marks=pytest.mark.slow),
        ("loft-4", "direct"),
        ("local_sgd-2", ""),
        pytest.param("local_sgd-4", "", marks=pytest.mark.slow),
        pytest.param("gpipe-2", "", marks=pytest.mark.slow),
        ("gpipe-4", ""),
    ],
)
def test_counted_computed_and_sent_agree(
    run: Run, images_file: Path, tmp_path: Path, cell: str, aggregation: str
) -> None:
    """Within one percent, which is for workers' reports."""
    job = changed(
        run.pretrain_job("preresnet18", cell, 0),
        {"aggregation": aggregation} if aggregation else {},
        model={"name": "preresnet18", "width": WIDTH},
        epochs=1,
        snapshots=[1],
        trained_by=None,
        measured_steps=None,
    )
    metrics = tmp_path / "metrics.jsonl"
    command = [sys.executable, "-m", "loft", "pretrain", "--settings", job.dump()]
    command += ["--data", str(images_file), "--out", str(tmp_path), "--metrics", str(metrics)]
    script = f'ip link set lo up && {NO_PROBES} && {COUNT} && "$@" >&2 && {COUNT}'
    done = subprocess.run(
        ["unshare", "-rn", "bash", "-c", script, "bash", *command],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, packets_before, after, packets_after = map(int, done.stdout.split())
    lines = read(metrics)
    counted = next(line["bytes_sent"] for line in lines if line["kind"] == "result")
    pretraining = ledger_entry(job, 1, 8, 10, lines[0]["iterations_per_epoch"])
    assert counted == ledger.transferred(pretraining, PROTOCOL)
    sent = after - before - HEADERS * (packets_after - packets_before)
    assert sent == pytest.approx(counted, rel=0.01)
