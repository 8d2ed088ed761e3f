"""Time commands that compute nothing: what a user waits for, and the growth of the graph's cost.

    python -m benchmarks.commands

Times `loft --help`, a second run with nothing to do, dry runs of 100, 1,000 and 5,000 jobs, and all
pairs of filter distances of a long pretraining.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.measuring import Result, keep, ratios, result, turns
from benchmarks.steps import network
from loft.tickets.network.norms import ALL_NORMS, measure_norms
from loft.tickets.pruning.distance import filter_pairs

ROOT = Path(__file__).parents[1]
DEFAULT = ROOT / "params" / "digits.yaml"
JOBS = (100, 1000, 5000)
EPOCHS = 111  # 20 of pretraining, 90 of fine-tuning, and the untrained network


def loft_help() -> None:
    """Run `loft --help`."""
    command = [sys.executable, "-m", "loft", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def dry_run(params: Path) -> str:
    """Plan a run; return the output of Snakemake."""
    command = [sys.executable, "-m", "snakemake", "-n", "--configfile", str(params)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return done.stdout + done.stderr


def nothing_to_do() -> None:
    """Run the default run again, which has nothing to do."""
    command = [sys.executable, "-m", "snakemake", "--cores", "all", "--configfile", str(DEFAULT)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    if "Nothing to be done" not in done.stdout + done.stderr:
        raise SystemExit(
            "the default run is not complete: `loft restore` or `make reproduce` first"
        )


def growing(folder: Path) -> dict[int, Path]:
    """Write params files with about `JOBS` jobs: the default run's networks with more seeds."""
    values: dict[str, Any] = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    values.update(run="growing", studies=["tickets"])
    made = {}
    for jobs in JOBS:
        values["seeds"] = list(range(jobs // 20))  # about 20 jobs to a seed
        made[jobs] = folder / f"{jobs}.yaml"
        made[jobs].write_text(yaml.safe_dump(values), encoding="utf-8")
    return made


def count(said: str) -> int:
    """Return the number of jobs in the output of a dry run."""
    (line,) = {line for line in said.splitlines() if line.startswith("total ")}
    return int(line.split()[1])


def growth(times: int) -> list[Result]:
    """Compare dry runs of 1,000 and 5,000 jobs: total seconds, and seconds for one more job."""
    with tempfile.TemporaryDirectory() as folder:
        files = growing(Path(folder))
        counts = {jobs: count(dry_run(path)) for jobs, path in files.items()}
        calls = {str(jobs): partial(dry_run, path) for jobs, path in files.items()}
        seconds = turns(calls, times, 0)
    small, middle, large = (seconds[str(jobs)] for jobs in JOBS)
    few, some, many = (counts[jobs] for jobs in JOBS)
    jobs_more = [
        (c - b) / (many - some) / ((b - a) / (some - few))
        for a, b, c in zip(small, middle, large, strict=True)
    ]
    absolute = {f"{counts[jobs]} jobs s": statistics.median(seconds[str(jobs)]) for jobs in JOBS}
    return [
        result(
            "dry_run_growth",
            ratios(seconds, str(JOBS[2]), str(JOBS[1]), some / many),
            against=f"the seconds of {some} jobs, {many / some:.2f} times",
            target="<= 1",
            absolute=absolute,
        ),
        result(
            "dry_run_job_growth",
            jobs_more,
            against=f"seconds that one more job costs below {some} jobs",
            absolute=absolute,
        ),
    ]


def distances() -> Callable[[], object]:
    """Prepare norms of a long pretraining; return a function that compares all pairs of epochs."""
    random = torch.Generator().manual_seed(0)
    once = measure_norms(network().state_dict(), ALL_NORMS)
    recorded = {
        name: values + values.mean() * torch.rand((EPOCHS, *values.shape), generator=random)
        for name, values in once.items()
    }
    return lambda: filter_pairs(recorded, "l2")


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="samples")
    times = parser.parse_args().times
    seconds = turns({"help": loft_help, "noop": nothing_to_do}, times)
    pairs = turns({"distances": distances()}, times)["distances"]
    keep(
        [
            result("help_seconds", seconds["help"], "s", target="<= 0.4"),
            result("noop_seconds", seconds["noop"], "s", target="<= 6"),
            result("distances_seconds", pairs, "s", target="<= 2"),
        ]
    )
    keep(growth(times))


if __name__ == "__main__":
    main()
