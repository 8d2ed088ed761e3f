"""Figures 4 and 5, drawn from the study's tables."""

from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from loft.core.plotting import figure
from loft.tickets.jobs import UNPRUNED, Cell

PALETTE = sns.color_palette("colorblind")
COLOURS = {"dense": PALETTE[7], "gpipe": PALETTE[0], "local_sgd": PALETTE[1], "loft": PALETTE[2]}
MARKS = {"dense": "D", "gpipe": "s", "local_sgd": "X", "loft": "o"}
DASHES = {1: "", 2: "", 4: (4, 2), 8: (1, 1)}
TITLES = {"dense": "Dense", "gpipe": "GPipe", "local_sgd": "Local SGD", "loft": "LoFT"}


def title(cell: str) -> str:
    """Return a cell's name as a reader knows it: `local_sgd-2` -> "Local SGD-2"."""
    method, workers = Cell.parse(cell)
    return TITLES[method] if method == "dense" else f"{TITLES[method]}-{workers}"


def _looks(cells: list[str]) -> dict[str, Any]:
    """Return how seaborn draws each cell, the same in every figure.

    Colour and mark say the method, the dash how many workers, so that grey print suffices.
    """
    parsed = {title(cell): Cell.parse(cell) for cell in cells}
    return {
        "hue": "Pretraining",
        "style": "Pretraining",
        "palette": {name: COLOURS[cell.method] for name, cell in parsed.items()},
        "markers": {name: MARKS[cell.method] for name, cell in parsed.items()},
        "dashes": {name: DASHES[cell.workers] for name, cell in parsed.items()},
        "errorbar": ("pi", 100),
    }


def figure4(distances: pd.DataFrame, paths: list[Path]) -> None:
    """Draw the filter distance from every pretraining epoch to the last, by cell.

    Means over layers, and over seeds where there are several, with their range.
    """
    shown = distances[distances["cell"] != UNPRUNED]
    shown = shown.assign(Pretraining=shown["cell"].map(title))
    with figure(paths) as axes:
        sns.lineplot(
            shown,
            x="from_epoch",
            y="mean",
            **_looks(list(shown["cell"].unique())),
            ax=axes,
        )
        axes.set(xlabel="pretraining epoch", ylabel="filter distance to the last epoch")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def figure5(tickets: pd.DataFrame, cells: list[str], paths: list[Path]) -> None:
    """Draw the final accuracy of the tickets taken at each snapshot, by cell.

    The untrained network's ticket, the same for all methods, is the first point of every line.
    At the largest ratio that was fine-tuned at every snapshot.
    """
    ratio = float(tickets.loc[tickets["snapshot"] == 0, "ratio"].max())
    at = tickets[tickets["ratio"] == ratio]
    start = at[at["snapshot"] == 0]
    parts = [
        pd.concat([start, at[(at["cell"] == cell) & (at["snapshot"] > 0)]]).assign(
            Pretraining=title(cell)
        )
        for cell in cells
    ]
    with figure(paths) as axes:
        sns.lineplot(
            pd.concat(parts),
            x="snapshot",
            y="test_accuracy",
            **_looks(cells),
            ax=axes,
        )
        axes.set(
            xlabel="pretraining epochs before pruning",
            ylabel=f"accuracy of the {100 * ratio:g} % ticket, %",
        )
        axes.set_xticks(sorted(at["snapshot"].unique()))
