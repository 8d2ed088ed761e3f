"""Measure gradient diversity in local training: of a worker's samples and of workers' changes.

The sum of S workers' changes after a round is a step with batch size S whose samples are the
workers. The changes have a diversity (Definition 1). Up to B = S Delta workers each change counts
in full. B is 1 if all changes are equal, and S if they are orthogonal, as changes of partitioned
parameters always are. B exceeds S if changes oppose each other.
"""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import decades, panels, whole_numbers
from loft.diversity.gradient_diversity import Diversity
from loft.diversity.tables import Jobs, of_kind

COLOURS = ["#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7"]
STYLES = ["-", "--", ":", "-."]  # one for each number of local iterations, fewest first
SIZE = 5.2, 2.9  # inches of a panel with its legend
DODGE = 0.08  # epochs between the error bars of cells, which would hide each other


def rounds_table(jobs: Jobs) -> pd.DataFrame:
    """Return the diversity of workers' changes: a row for each cell, epoch and local iterations.

    Columns `shared_...` count only the parameters that every worker has.
    """
    rows = []
    for line in of_kind(jobs, "updates"):
        workers, apart = line["workers"], line["partitioned_squares"]
        squares, together = line["shared_squares"], line["shared_together"]
        every = Diversity(workers, squares + apart, together + apart)
        shared = Diversity(workers, squares, together)
        rows.append(
            {
                "model": line["model"]["name"],
                "cell": line["cell"],
                "workers": workers,
                "epoch": line["epoch"],
                "iterations": line["iterations"],
                "diversity": every.diversity,
                "bound": every.bound,
                "shared_diversity": shared.diversity,
                "shared_bound": shared.bound,
                "partitioned_share": apart / (squares + apart),
                "finding": _finding(every.bound, workers),
            }
        )
    order = ["model", "cell", "epoch", "iterations"]
    return pd.DataFrame(rows).sort_values(order, ignore_index=True)


def _finding(bound: float, workers: int) -> str:
    if bound >= workers:
        return f"all {workers} workers count in full"
    return f"{workers} workers count as {bound:.2f}"


def samples_table(jobs: Jobs) -> pd.DataFrame:
    """Return the batch-size bound of the samples that each worker trains on next.

    `bound` is the mean over workers, `least` and `most` are the extremes.
    """
    keys = ["model", "cell", "workers", "epoch"]
    rows = [
        {
            "model": line["model"]["name"],
            "cell": line["cell"],
            "workers": line["workers"],
            "epoch": line["epoch"],
            "samples": line["samples"],
            "batch": line["settings"]["pretraining"]["sgd"]["batch_size"],
            "bound": Diversity(line["samples"], line["squares"], line["together"]).bound,
        }
        for line in of_kind(jobs, "gradients")
    ]
    grouped = pd.DataFrame(rows).groupby([*keys, "samples", "batch"])["bound"]
    table = grouped.agg(bound="mean", least="min", most="max").reset_index()
    within = table["bound"] >= table["batch"]
    table["finding"] = within.map({True: "the batch is within it", False: "the batch is beyond it"})
    return table


def draw(jobs: Jobs, paths: list[Path]) -> None:
    """Draw the samples' bound and the share of workers that count, by epoch of pretraining."""
    samples, rounds = samples_table(jobs), rounds_table(jobs)
    if samples["model"].nunique() > 1:
        for table in (samples, rounds):
            table["cell"] = table["model"] + " " + table["cell"]
    cells = [*dict.fromkeys(samples["cell"])]
    with panels(paths, 2, 2, *SIZE) as (left, right):
        for cell, own in samples.groupby("cell"):
            colour = COLOURS[cells.index(str(cell)) % len(COLOURS)]
            spread = [own["bound"] - own["least"], own["most"] - own["bound"]]
            beside = own["epoch"] + DODGE * cells.index(str(cell))
            left.errorbar(
                beside,
                own["bound"],
                yerr=spread,
                color=colour,
                marker="o",
                ms=4,
                capsize=2,
                label=cell,
            )
        for batch in samples["batch"].unique():
            left.axhline(batch, color="black", lw=0.8, ls="--", label=f"the batch, {batch}")
        decades(left)
        left.set_ylabel("bound on a worker's batch")
        counts = sorted(rounds["iterations"].unique())
        for (name, count), own in rounds.groupby(["cell", "iterations"]):
            right.plot(
                own["epoch"],
                own["bound"] / own["workers"],
                color=COLOURS[cells.index(name) % len(COLOURS)],
                ls=STYLES[counts.index(count) % len(STYLES)],
                marker="o",
                ms=4,
                label=f"{name}, {count} local",
            )
        right.axhline(1, color="black", lw=0.8, ls="--")
        right.set_ylabel("share of workers that counts")
        for axes in (left, right):
            whole_numbers(axes.xaxis)
            axes.set_xlabel("epoch of pretraining")
            axes.legend(
                fontsize="x-small", frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1)
            )
