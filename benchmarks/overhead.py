"""Compare the time of a whole tickets study with the time of its training steps alone.

    python -m benchmarks.overhead --times 5

The study is that of `params/cifar10-quick.yaml` with one seed on 1,437 handwritten digits of
CIFAR-10's size, or with `--data-dir` on 2,500 images of CIFAR-10: minutes on two cores.

    overhead = seconds of `snakemake tickets` by the clock
               / sum over trainings (seconds in steps * cores taken / cores of the machine)

A training's seconds in steps are those of its slowest worker, from its metrics file: forward and
backward passes and updates, including the waiting in a pipeline and the networks that LoFT's
workers receive at the start of a round. They exclude making batches, synchronising, evaluation,
files, imports and MLflow. A training takes as many cores as it has workers, at most all. The
overhead is 1 if the machine does nothing but steps.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measuring import keep, result
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Line

ROOT = Path(__file__).parents[1]
# files and folders of the project that a run needs
PARTS = ("src", "workflow", "profiles", "params", "Snakefile")
CORES = len(os.sched_getaffinity(0))
RUN = "overhead"
DIGITS = {
    "name": "digits",
    "size": 32,
    "train_images": 1437,
    "test_images": 360,
    "split_seed": 0,
}


def params(data_dir: Path | None) -> dict[str, Any]:
    """Return the run's settings."""
    text = (ROOT / "params" / "cifar10-quick.yaml").read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text)
    values.update(run=RUN, studies=["tickets"], seeds=[0])
    values.pop("diversity")
    if data_dir is None:
        values["data"] = DIGITS
    else:
        own = {"data_dir": str(data_dir.resolve()), "train_images": 2500, "test_images": 2500}
        values["data"].update(own)
    return values


def steps(lines: list[Line], threads: int) -> float:
    """Return a training's seconds in steps times the cores that it took."""
    found: list[float] = [line["training_seconds"] for line in lines if "training_seconds" in line]
    if lines[0]["step"] == "finetune":  # one ticket after the other
        return sum(found) * min(threads, CORES)
    workers: int = lines[0]["workers"]
    return max(found) * min(workers * threads, CORES)


def once(values: dict[str, Any]) -> tuple[float, float]:
    """Run the study in an empty folder; return its seconds, and the seconds of its steps alone."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in PARTS:
            (folder / name).symlink_to(ROOT / name)
        given = folder / "run.yaml"
        given.write_text(yaml.safe_dump(values), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "tickets", "--cores", str(CORES)]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # rules call `loft`
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--configfile", str(given)],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            raise SystemExit(done.stderr[-4000:])
        jobs = [read_joined(path) for path in (folder / "results" / RUN).rglob("metrics.jsonl")]
    threads = values["compute"]["threads"]
    trainings = [lines for lines in jobs if lines[0]["step"] in ("pretrain", "finetune")]
    return seconds, sum(steps(lines, threads) for lines in trainings) / CORES


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="samples, minutes each")
    text = "folder that holds cifar-10-batches-py; without it, digits"
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help=text)
    given = parser.parse_args()
    pairs = []
    for _ in range(given.times):
        pairs.append(once(params(given.data_dir)))
        print("run {:.1f} s, training {:.1f} s".format(*pairs[-1]), flush=True)
    run, training = (sorted(times)[len(times) // 2] for times in zip(*pairs, strict=True))
    made = result(
        "run_overhead",
        [whole / alone for whole, alone in pairs],
        against=f"its training steps alone, on {CORES} cores",
        target="<= 1.3",
        absolute={"run s": run, "training s": training},
    )
    keep([made])


if __name__ == "__main__":
    main()
