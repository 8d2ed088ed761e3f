"""Measure the share of synchronisation in a round of 25 local iterations, between processes.

    python -m benchmarks.synchronisation

Trains PreActResNet-18 of width 16 on one resident batch of 128, with one thread for each worker.
Bytes and operations both grow with the square of the width, so the share hardly depends on it.
Synchronisation is `synchronise`, and in LoFT also the extra time of the first step of a round, in
which workers receive their networks. Workers wait for each other before both, outside the timed
part, so waiting for a slower worker does not count. The slowest worker's seconds count.

GPipe sends activations within its steps, where computation and communication overlap. Its share is
the time to send as many bytes by themselves, one worker after the other, over the time of the
steps. Collecting the stages once an epoch is left out.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.measuring import Result, keep, result
from loft.core.processes.launch import launch
from loft.core.processes.workers import ProcessWorker, Workers
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.learner import wait
from loft.models.build import build
from loft.tickets.methods.gpipe import GPipe
from loft.tickets.methods.interface import Setup
from loft.tickets.methods.local_sgd import LocalSgd
from loft.tickets.methods.loft import Loft
from loft.tickets.methods.worker import Worker
from loft.tickets.results.cells import Cell

ITERATIONS, BATCH, WIDTH = 25, 128, 16
SHARE = 0.03  # largest share of a round in LoFT
LOFT = {"batch_norm": "recalibrate", "aggregation": "star", "momentum": "reset"}
OPTIONS: dict[str, Any] = {
    "loft": Loft.model_validate(
        {**LOFT, "branch_scale": "one", "local_iterations": ITERATIONS, "workers": [2, 4]}
    ),
    "local_sgd": LocalSgd(local_iterations=ITERATIONS, batch_norm="recalibrate", workers=[2, 4]),
    "gpipe": GPipe(workers=[2, 4], microbatches=4, measured_steps=1),
}
CELLS = ("loft-2", "loft-4", "local_sgd-2", "gpipe-2")
SGD = SgdSettings(
    learning_rate=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, batch_size=BATCH
)
COMPUTE = ComputeSettings(threads=1, precision="auto", channels_last=True, compiled=False)


def network(filters: Mapping[str, int] | None = None, initialise: bool = True) -> nn.Sequential:
    """Build the network, with fewer filters in blocks if given."""
    seed = 0 if initialise else None
    return build("preresnet18", WIDTH, channels=3, size=32, classes=10, filters=filters, seed=seed)


def join(method: str) -> tuple[Workers, Worker]:
    """Become a worker of a method."""
    torch.set_num_threads(COMPUTE.threads)
    workers = ProcessWorker()
    setup = Setup(
        build=network,
        calibration=partial(iter, ()),
        image=(3, 32, 32),
        options=OPTIONS[method],
        seed=0,
        epochs=1,
        sgd=SGD,
        compute=COMPUTE,
        workers=workers,
    )
    return workers, OPTIONS[method].worker(setup)


def work(method: str, rounds: int, out: Path) -> None:
    """Train for one round and then `rounds` rounds; rank 0 writes all workers' seconds of these."""
    workers, trained = join(method)
    random = torch.Generator().manual_seed(workers.rank)
    images = torch.rand(BATCH, 3, 32, 32, generator=random)
    images = images.to(workers.device, memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (BATCH,), generator=random).to(workers.device)
    lines = []
    for _ in range(1 + rounds):
        before = workers.sent
        workers.exchange({})
        steps = []
        for _ in range(ITERATIONS):
            began = time.perf_counter()
            trained.step(images, labels, SGD.learning_rate)
            wait(workers.device)
            steps.append(time.perf_counter() - began)
        if method == "gpipe":
            spent = sending(workers, workers.sent - before)
        else:
            workers.exchange({})
            began = time.perf_counter()
            trained.synchronise(collect=False)
            spent = time.perf_counter() - began
        lines.append(workers.exchange({"steps": steps, "spent": spent}))
    if workers.rank == 0:
        out.write_text(json.dumps(lines[1:]), encoding="utf-8")
    workers.close()


def sending(workers: Workers, count: int) -> float:
    """Return the seconds in which two workers send `count` bytes each, one after the other."""
    reports = workers.exchange({"floats": count // 4})
    own, theirs = reports[workers.rank]["floats"], reports[1 - workers.rank]["floats"]
    buffer = torch.ones(own, device=workers.device)
    workers.exchange({})
    began = time.perf_counter()
    for sender in range(2):
        if workers.rank == sender:
            workers.send(buffer, to=1 - sender)
        else:
            workers.receive(theirs, source=sender)
    return time.perf_counter() - began


def measure(cell: str, times: int) -> Result:
    """Return the share of synchronisation in a cell's rounds."""
    method, workers = Cell.parse(cell)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "lines.json"
        launch(work, (method, times, out), workers)
        lines = json.loads(out.read_text(encoding="utf-8"))
    shares, seconds, rounds = [], [], []
    for reports in lines:
        spent = []
        for report in reports:
            first, *others = report["steps"]
            begun = max(first - statistics.median(others), 0.0) if method == "loft" else 0.0
            spent.append(report["spent"] + begun)
        whole = max(sum(report["steps"]) for report in reports)
        seconds.append(max(spent))
        rounds.append(whole if method == "gpipe" else whole + max(r["spent"] for r in reports))
        shares.append(seconds[-1] / rounds[-1])
    return result(
        f"synchronisation_share_{cell}",
        shares,
        against=f"the seconds of {ITERATIONS} "
        + ("steps" if method == "gpipe" else "local iterations and a synchronisation"),
        target=f"<= {SHARE:g}" if method == "loft" else "",
        absolute={
            "synchronising s": statistics.median(seconds),
            "round s": statistics.median(rounds),
        },
    )


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=7, metavar="N", help="samples")
    given = parser.parse_args()
    keep([measure(cell, given.times) for cell in CELLS])


if __name__ == "__main__":
    main()
