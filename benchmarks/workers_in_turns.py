"""Compare LoFT's workers taking turns in one process with workers in processes of their own.

    python -m benchmarks.workers_in_turns

Runs `loft pretrain` with and without `--turns` on noise of CIFAR-10's size: two epochs of a network
of width 16, with rounds of ten iterations. CPU seconds are the sum over all processes, read from
Linux until shortly before each process ends.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import yaml

from benchmarks.measuring import PAUSE, Result, keep, result
from benchmarks.process_usage import cpu_seconds, family
from loft.core.data.dataset import write
from loft.core.data.resident_images import Images
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.run.run import Run

ROOT = Path(__file__).parents[1]
CELLS = ("loft-2", "loft-4")
IMAGES, TEST = 2560, 256  # 20 steps of each worker in an epoch
EPOCHS, ROUND = 2, 10
LOOK = 0.02  # seconds between two readings of CPU time


def images() -> Images:
    """Draw noise in place of CIFAR-10's images."""
    random = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (IMAGES + TEST, 3, 32, 32), dtype=torch.uint8, generator=random)
    labels = torch.randint(0, 10, (IMAGES + TEST,), generator=random)
    return Images(
        "noise", [*"0123456789"], pixels[:IMAGES], labels[:IMAGES], pixels[IMAGES:], labels[IMAGES:]
    )


def job(cell: str) -> PretrainJob:
    """Return a pretraining job like one of `params/cifar10-quick.yaml`, but shorter."""
    text = (ROOT / "params" / "cifar10-quick.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    values["studies"] = ["tickets"]
    values.pop("diversity")
    values["pretrain"].update(epochs=EPOCHS, snapshot_every=EPOCHS, evaluate_every=EPOCHS)
    values["methods"]["loft"]["local_iterations"] = ROUND
    return Run.model_validate(values).pretrain_job("preresnet18", cell, 0)


def spent(command: list[str]) -> tuple[float, float]:
    """Run a command; return its wall-clock seconds and its CPU seconds."""
    time.sleep(PAUSE)
    began = time.perf_counter()
    seen: dict[int, float] = {}  # process -> seconds
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            for pid in family(process.pid):
                seen[pid] = max(seen.get(pid, 0.0), cpu_seconds(pid))
            time.sleep(LOOK)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: status {process.returncode}")
    return time.perf_counter() - began, sum(seen.values())


def compare(cell: str, folder: Path, times: int) -> Result:
    """Measure a cell with processes and with turns, alternately."""
    command = [sys.executable, "-m", "loft", "pretrain", "--settings", job(cell).dump()]
    command += ["--data", str(folder / "images"), "--out", str(folder / "out")]
    command += ["--metrics", str(folder / "metrics.jsonl")]
    ways = {"processes": command, "turns": [*command, "--turns"]}
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for number in range(times):
        for way in list(ways)[:: 1 if number % 2 else -1]:
            found[way].append(spent(ways[way]))
    absolute = {}
    for way, pairs in found.items():
        wall, processors = zip(*pairs, strict=True)
        absolute[f"{way} s"] = statistics.median(wall)
        absolute[f"{way} processor s"] = statistics.median(processors)
    both = zip(found["turns"], found["processes"], strict=True)
    return result(
        f"turns_vs_processes_{cell.replace('-', '')}",
        [turns[1] / processes[1] for turns, processes in both],
        against="processors' seconds of as many processes",
        absolute=absolute,
    )


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="samples")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(images(), folder / "images")
        keep([compare(cell, folder, given.times) for cell in CELLS])


if __name__ == "__main__":
    main()
