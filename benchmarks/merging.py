"""Compare ways to merge LoFT's networks: branch scale, momentum, BatchNorm, on a run's images.

    python benchmarks/merging.py --params params/digits.yaml --seeds 0 1 2

Pretrains LoFT with every combination by `loft pretrain` and writes the merged network's accuracy at
the end of pretraining to `results/ablations/merging-<run>.csv`: a row for each combination, in
percent, mean and sample deviation over seeds.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from loft import run as runs
from loft.core.data.sources import DataJob
from loft.core.reporting.metrics import read
from loft.tickets.methods.loft import Loft
from loft.tickets.run.run import Run

SCALES = ["one", "inverse_workers"]
MOMENTA = ["reset", "carry"]


def pretrain(run: Run, cell: str, seed: int, options: dict[str, str], folder: Path) -> float:
    """Return the merged network's test accuracy after one pretraining, in percent."""
    job = run.pretrain_job(run.models[0].name, cell, seed)
    changed = Loft.model_validate({**job.options.model_dump(), **options})
    settings = job.model_copy(update={"options": changed}).dump()
    metrics = folder / "metrics.jsonl"
    command = [sys.executable, "-m", "loft", "pretrain", "--settings", settings]
    command += ["--data", str(folder / "images.safetensors"), "--out", str(folder / "network")]
    subprocess.run([*command, "--metrics", str(metrics)], check=True)
    accuracy: float = [line for line in read(metrics) if line["kind"] == "epoch"][-1][
        "test_accuracy"
    ]
    return accuracy


def main() -> None:
    """Run every combination and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--params", type=Path, default=Path("params/digits.yaml"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--batch-norm", nargs="+", default=["recalibrate", "average"])
    given = parser.parse_args()
    run = runs.read(given.params)
    cells = [f"loft-{workers}" for workers in run.methods.given()["loft"].workers]
    rows = ["cell,batch_norm,momentum,branch_scale,seeds,accuracy,accuracy_std"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        command = [
            sys.executable,
            "-m",
            "loft",
            "data",
            "--settings",
            DataJob(data=run.data).dump(),
        ]
        subprocess.run([*command, "--out", str(folder / "images.safetensors")], check=True)
        for cell, norm, momentum, scale in itertools.product(
            cells, given.batch_norm, MOMENTA, SCALES
        ):
            options = {"batch_norm": norm, "momentum": momentum, "branch_scale": scale}
            found = [pretrain(run, cell, seed, options, folder) for seed in given.seeds]
            spread = statistics.stdev(found) if len(found) > 1 else float("nan")
            row = [cell, norm, momentum, scale, str(len(found))]
            rows.append(",".join([*row, f"{statistics.mean(found):.2f}", f"{spread:.2f}"]))
            print(rows[-1], flush=True)
    out = Path("results") / "ablations" / f"merging-{run.run}.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
