"""Draw the parts that figures share. Colours and markers show masks, line styles the comparison."""

from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns

from loft.core.reporting.figure_style import Panel, decades, panels
from loft.theorem1.measurements import TERMS

PALETTE = sns.color_palette("colorblind")
COLOURS = {"partition": PALETTE[2], "bernoulli": PALETTE[1]}
MARKS = {"partition": "o", "bernoulli": "s"}
NAMES = {"partition": "partition", "bernoulli": "independent masks"}
TITLES = {"synthetic": "Gaussian data", "images": "image patches"}
LABELS = {
    "weights": r"$\|W_T-\hat{W}_T\|_F^2$",
    "outputs": r"$\eta\,\sum_t\|u(W_t)-u(\hat{W}_t)\|^2$",
}
GREY = "0.35"
PREDICTED = ("predicted (our derivation)", {"color": GREY, "ls": ":"})
SECOND = ("the bound's second term, scaled", {"color": GREY, "ls": "--"})
SIZE = (3.3, 2.9)  # of a panel, in inches

Entry = tuple[str, dict[str, Any]]


def both_kappas(
    cells: pd.DataFrame, x: str, label: str, compared: list[Entry], paths: list[Path]
) -> None:
    """Draw both distances, all kappas in one panel."""
    drawn = panels_of(cells, ["source"])
    with panels(paths, len(drawn), len(drawn), *SIZE) as grid:
        for axes, (term, (source,), part) in zip(grid, drawn, strict=True):
            lines(axes, part, x, term, bounded=SECOND in compared)
            axes.set_xticks(sorted(part[x].unique()))
            axes.set(xlabel=label, ylabel=LABELS[term], title=TITLES[source])
            decades(axes)
        legend(grid[-1], [*kappa_marks(cells), *compared])


def lines(axes: Panel, part: pd.DataFrame, x: str, term: str, bounded: bool) -> None:
    """Draw measured and predicted distances, and the bound's second term from the same start."""
    for (masks, _), own in part.groupby(["masks", "kappa"], sort=False):
        rows = own.sort_values(x)
        colour = COLOURS[str(masks)]
        points(axes, rows, x, term, ls="-", most=part["kappa"].max())
        axes.plot(rows[x], rows[f"predicted_{term}"], color=colour, ls=":", lw=1.6)
        if bounded:
            scale = rows[term].iloc[0] / rows["bound_second"].iloc[0]
            axes.plot(rows[x], scale * rows["bound_second"], color=colour, ls="--", lw=1)


def panels_of(
    cells: pd.DataFrame, by: list[str]
) -> list[tuple[str, tuple[Any, ...], pd.DataFrame]]:
    """Return the panels: a term, the common values of the cells, and the cells."""
    return [(term, key, part) for term in TERMS for key, part in groups(cells, by)]


def groups(cells: pd.DataFrame, by: list[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Return the common values of each group of cells, and the cells."""
    return [(tuple(key), part) for key, part in cells.groupby(by, sort=False)]


def points(
    axes: Panel, part: pd.DataFrame, x: str, term: str, ls: str = "", most: float | None = None
) -> None:
    """Draw measured distances with two standard errors.

    Args:
        axes: the axes to draw on.
        part: the cells.
        x: the column of the horizontal axis.
        term: the distance, "weights" or "outputs".
        ls: the line style between points.
        most: the largest kappa of the figure; by default that of `part`.
    """
    look = mark(part, part["kappa"].max() if most is None else most)
    errors = 2 * part[f"{term}_se"]
    axes.errorbar(part[x], part[term], yerr=errors, ls=ls, lw=1.2, ms=5, capsize=2, **look)


def mark(part: pd.DataFrame, most: float) -> dict[str, Any]:
    """Return the style of a cell's points: filled at the largest kappa, open at others."""
    masks = str(part["masks"].iloc[0])
    filled = part["kappa"].iloc[0] == most
    look = {"color": COLOURS[masks], "marker": MARKS[masks]}
    return look if filled else {**look, "markerfacecolor": "white"}


def marks(names: list[str]) -> list[Entry]:
    """Return entries of a legend for kinds of masks."""
    return [
        (NAMES[name], {"color": COLOURS[name], "marker": MARKS[name], "ls": ""}) for name in names
    ]


def kappa_marks(cells: pd.DataFrame) -> list[Entry]:
    """Return entries of a legend for kinds of masks and kappas."""
    groups = cells.groupby(["masks", "kappa"], sort=False)
    most = cells["kappa"].max()
    return [
        (rf"{NAMES[str(masks)]}, $\kappa={kappa:g}$", {**mark(own, most), "ls": ""})
        for (masks, kappa), own in groups
    ]


def title(source: str, kappa: float) -> str:
    """Return a panel's title."""
    return rf"{TITLES[source]}, $\kappa={kappa:g}$"


def legend(axes: Panel, entries: list[Entry]) -> None:
    """Put a legend beside a panel."""
    handles = [axes.plot([], [], label=label, **look)[0] for label, look in entries]
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
