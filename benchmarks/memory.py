"""Train a network with LoFT-4 under a memory limit that is too small for dense training.

    python -m benchmarks.memory

The kernel limits the memory of each process by RLIMIT_DATA, which counts the heap and private
mappings. (RLIMIT_AS would also count torch's libraries, which are mapped whole and hardly read;
RLIMIT_RSS is not enforced.) The limit is the memory of a process with a narrow network plus the
dense network's parameters, gradients and momentum, so no dense training with momentum fits. The
workers of LoFT-4 are real processes; rank 0 is one of them.

`ENVIRONMENT` makes glibc return large blocks at once, so the memory held is the memory in use.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Result, keep, result
from benchmarks.process_usage import data_bytes, family
from loft.core.data.dataset import write
from loft.core.data.dimensions import dimensions
from loft.core.data.sources import prepare
from loft.core.processes.memory import VARIABLE
from loft.core.reporting.joined_lines import read_joined
from loft.run import read
from loft.tickets.planning.memory_by_phase import PhaseMemory, memory_by_phase
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.run.run import Run

ROOT = Path(__file__).parents[1]
MIB = 2**20
ENVIRONMENT = {VARIABLE: "glibc.malloc.mmap_threshold=1048576"}
IMAGES = {"size": 8, "train_images": 64, "test_images": 64}  # few, so the network is large
STEPS = {"batch_size": 8}
ROUND = 4  # local iterations: two rounds in the only epoch
NARROW = 4  # width of a network that takes hardly any memory
LOOK = 0.02  # seconds between two readings of the memory


def case(cell: str, width: int) -> tuple[PretrainJob, Run]:
    """Return the job of one epoch of a cell's pretraining on a few digits, and its run."""
    values = read(ROOT / "params" / "digits.yaml").model_dump()
    values["data"].update(IMAGES)
    values["pretrain"].update(epochs=1, snapshot_every=1, evaluate_every=1, calibration_images=64)
    values["pretrain"]["sgd"].update(STEPS)
    values["models"] = [{"name": "preresnet18", "width": width}]
    for method in ("local_sgd", "loft"):
        values["methods"][method]["local_iterations"] = ROUND
    values["updates"] = None  # of longer rounds
    run = Run.model_validate({key: values[key] for key in Run.model_fields if key in values})
    job = run.pretrain_job("preresnet18", cell, 0)
    return job.model_copy(update={"snapshots": [1]}), run


@dataclass(frozen=True)
class Ended:
    """The end of a pretraining.

    Attributes:
        status, said: its exit status and standard error.
        peaks: peak resident bytes of each worker; empty if it failed.
        held: most bytes that the limit counts, over all readings and processes.
    """

    status: int
    said: str
    peaks: list[int]
    held: int


def pretrain(job: PretrainJob, folder: Path, limit: int | None = None) -> Ended:
    """Run `loft pretrain` on `folder`'s images, with a limit in bytes on each process."""
    metrics, said = folder / "metrics.jsonl", folder / "said"
    metrics.unlink(missing_ok=True)
    command = [sys.executable, "-m", "loft", "pretrain", "--settings", job.dump()]
    command += ["--data", str(folder / "images"), "--out", str(folder / "out")]
    command += ["--metrics", str(metrics)]
    if limit is not None:  # inherited by workers
        command = ["prlimit", f"--data={limit}", *command]
    held = 0
    with (
        said.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, env={**os.environ, **ENVIRONMENT}, stderr=errors) as process,
    ):
        while process.poll() is None:
            held = max([held, *(data_bytes(pid) for pid in family(process.pid))])
            time.sleep(LOOK)
    lines = read_joined(metrics) if metrics.exists() else []
    workers = [line for line in lines if line["kind"] == "worker"]
    peaks = [line["peak_memory_bytes"] for line in workers]
    return Ended(process.returncode, said.read_text(encoding="utf-8"), peaks, held)


@dataclass(frozen=True)
class Limit:
    """A memory limit that is too small for dense training with momentum, derived from shapes.

    Attributes:
        dense: memory of the dense network, by phase.
        loft: memory of LoFT-4's workers by phase, in order of rank.
        narrow_dense, narrow_loft: trainings of narrow networks, which take hardly any memory.
    """

    dense: PhaseMemory
    loft: list[PhaseMemory]
    narrow_dense: Ended
    narrow_loft: Ended

    @property
    def baseline(self) -> int:
        """Bytes that the limit counts for a process without the network."""
        return max(self.narrow_dense.held, self.narrow_loft.held)

    @property
    def bytes(self) -> int:
        """The limit: baseline, parameters, gradients and momentum; dense training needs more."""
        return self.baseline + self.dense.exact

    def show(self) -> None:
        """Print the derivation."""
        print("MiB beside the baseline: exact, training, synchronising, evaluating")
        for name, found in [
            ("dense", self.dense),
            *((f"loft-4 worker {n}", p) for n, p in enumerate(self.loft)),
        ]:
            parts = (found.exact, found.training, found.synchronising, found.evaluating)
            print(f"  {name}:", *(f"{part / MIB:.0f}" for part in parts))
        print(f"limit: {self.baseline / MIB:.0f} + {self.dense.exact / MIB:.0f} MiB", flush=True)


def derive(width: int, folder: Path) -> Limit:
    """Write images to `folder`, measure the baseline and derive the networks' memory."""
    narrow, run = case("dense", NARROW)
    write(prepare(run.data, loaders=0), folder / "images")
    before = [pretrain(job, folder) for job in (narrow, case("loft-4", NARROW)[0])]
    dense, loft = (
        memory_by_phase(case(cell, width)[0], dimensions(run.data), "float32")
        for cell in ("dense", "loft-4")
    )
    return Limit(dense[0], loft, *before)


def turn(width: int, folder: Path, limit: Limit) -> tuple[list[int], list[int]]:
    """Train dense and LoFT under the limit, and dense without; return the workers' peaks.

    Peaks are bytes above the peaks with a narrow network: dense without the limit, then LoFT.
    """
    dense, loft = (case(cell, width)[0] for cell in ("dense", "loft-4"))
    failed = pretrain(dense, folder, limit.bytes)
    if failed.status == 0 or "out of memory" not in failed.said:
        raise SystemExit(f"dense, limited: status {failed.status}, {failed.said}")
    print(failed.said.strip().splitlines()[-1], flush=True)
    trained = pretrain(loft, folder, limit.bytes)
    if trained.status:
        raise SystemExit(f"LoFT-4, limited: status {trained.status}, {trained.said}")
    free = pretrain(dense, folder)
    return beside(free, limit.narrow_dense), beside(trained, limit.narrow_loft)


def beside(wide: Ended, narrow: Ended) -> list[int]:
    """Return the peak bytes that each worker takes for its wide network."""
    return [peak - before for peak, before in zip(wide.peaks, narrow.peaks, strict=True)]


def compare(width: int, times: int) -> Result:
    """Return the peak of LoFT-4's largest worker over the peak of dense training."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        limit = derive(width, folder)
        limit.show()
        turns = [turn(width, folder, limit) for _ in range(times)]
    absolute = {
        "limit MiB": limit.bytes / MIB,
        "baseline MiB": limit.baseline / MIB,
        "dense MiB": statistics.median(dense[0] for dense, _ in turns) / MIB,
        "dense derived MiB": limit.dense.peak / MIB,
    }
    for rank, found in enumerate(limit.loft):
        peak = statistics.median(loft[rank] for _, loft in turns)
        absolute[f"loft-4 worker {rank} MiB"] = peak / MIB
        absolute[f"loft-4 worker {rank} derived MiB"] = found.peak / MIB
    return result(
        f"memory_loft4_w{width}",
        [max(loft) / dense[0] for dense, loft in turns],
        against="dense training without the limit under which LoFT-4 trains",
        target="< 1",
        absolute=absolute,
    )


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5, metavar="N", help="samples")
    parser.add_argument("--width", type=int, default=192, help="channels of the stem")
    given = parser.parse_args()
    keep([compare(given.width, given.times)])


if __name__ == "__main__":
    main()
