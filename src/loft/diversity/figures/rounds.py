"""Draw gradient diversity during local training."""

from pathlib import Path

from loft.core.reporting.figure_style import decades, panels, whole_numbers
from loft.diversity.measurements import Jobs
from loft.diversity.tables.rounds import make as rounds_table
from loft.diversity.tables.samples import make as samples_table

TITLE = "Local training"
CAPTION = """
Gradient diversity in local training, at the snapshots of pretraining. Left: the bound on a worker's
batch, n times the diversity of the gradients of images that it is about to see; bars reach from the
worker with the least to the one with the most. Right: how many of the S workers count in full,
divided by S, from the diversity of what they changed after so many local iterations; 1 where
changes are orthogonal, 1/S where all changed alike. LoFT's partitioned filters are orthogonal by
construction. Where lines of more local iterations lie lower, workers repeat each other's work the
longer they go alone; where those of more workers do, additional workers add less.
"""
COLOURS = ["#0072b2", "#56b4e9", "#d55e00", "#e69f00", "#009e73", "#cc79a7"]
STYLES = ["-", "--", ":", "-."]  # of local iterations, fewest first
SIZE = 5.2, 2.9  # of a panel with its legend, inches
DODGE = 0.08  # epochs between bars of cells, which would hide each other


def draw(paths: list[Path], updates: Jobs) -> None:
    """Draw the samples' bound and the share of workers that count, by epoch of pretraining."""
    samples, rounds = samples_table(updates), rounds_table(updates)
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
