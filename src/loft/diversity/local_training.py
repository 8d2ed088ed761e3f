"""Gradient diversity in local training: among a worker's samples, and between workers' changes.

What S workers add up to after a round is one step of batch S whose samples are the workers: their
changes have a diversity (Definition 1), and up to B = S Delta of them keep each one's progress.
B is 1 where all changed alike and S where changes are orthogonal, as those of partitioned
parameters are by construction; it exceeds S where they pull against each other.
"""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import decades, panels, whole_numbers
from loft.diversity.gradient_diversity import Diversity
from loft.diversity.tables import Jobs, of_kind

COLOURS = ["#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7"]
STYLES = ["-", "--", ":", "-."]  # of local iterations, fewest first
SIZE = 5.2, 2.9  # of a panel with its legend, inches
DODGE = 0.08  # epochs between bars of cells, which would hide each other


def rounds_table(jobs: Jobs) -> pd.DataFrame:
    """Return the diversity of workers' changes, a row for each cell, epoch and local iterations.

    Of all trained parameters and, `shared_`, of those alone that every worker has.
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
    """Return the batch-size bound among the samples that each worker is about to see.

    `bound` is the mean over workers, between the `least` and the `most` of any.
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
    """Draw both along pretraining: the samples' bound, and what share of the workers count."""
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
