"""Draw the study's figures. Colours and markers show the masks, line styles the comparison."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns

from loft.core.reporting.figure_style import Panel, decades, logarithmic, panels
from loft.theorem1.config import Theorem1ReportJob
from loft.theorem1.report import collect
from loft.theorem1.tables import TERMS, in_sweep

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


def run(job: Theorem1ReportJob, metrics: list[Path], folder: Path) -> None:
    """Draw every figure into a folder, from the jobs' lines and not from the tables."""
    tables = collect(job, metrics)

    def paths(name: str) -> list[Path]:
        return [folder / f"figure-{name}.svg", folder / f"figure-{name}.png"]

    cells = tables["cells"]
    figure_width(cells, tables["slopes"], paths("width"))
    figure_workers(cells, paths("workers"))
    figure_probability(cells, paths("probability"))
    figure_local_steps(cells, paths("local-steps"))
    figure_loss(tables["curves"], paths("loss"))
    figure_neighbourhood(tables["neighbourhood"], paths("neighbourhood"))


def figure_width(cells: pd.DataFrame, slopes: pd.DataFrame, paths: list[Path]) -> None:
    """Draw both distances against the width, with fits, predictions and the bound's slope."""
    drawn = _panels(
        cells[in_sweep(cells, "m")].sort_values("m", kind="stable"), ["source", "kappa"]
    )
    laws = slopes[slopes["against"] == "m"].set_index(["term", "source", "kappa", "masks"])
    with panels(paths, len(drawn), len(drawn) // 2, *SIZE) as grid:
        for axes, (term, key, part) in zip(grid, drawn, strict=True):
            for masks, own in part.groupby("masks", sort=False):
                colour = COLOURS[str(masks)]
                _points(axes, own, "m", term)
                axes.plot(own["m"], own[f"predicted_{term}"], color=colour, ls=":", lw=1.6)
                law = laws.loc[(term, *key, masks)]
                if not np.isnan(law["coefficient"]):
                    x = np.geomspace(law["from"], law["to"], 100)
                    y = law["floor"] + law["coefficient"] * x ** law["slope"]
                    axes.plot(x, y, color=colour, lw=1.2)
            ends = np.array([part["m"].min(), part["m"].max()])
            start = part.loc[part["m"] == ends[0], term].max()
            axes.plot(ends, start * (ends / ends[0]) ** -0.25, color="black", ls="--", lw=1)
            axes.set(xlabel="filters $m$", ylabel=LABELS[term], title=_title(*key))
            logarithmic(axes)
            axes.set_xticks(sorted(part["m"].unique())[::2])
            decades(axes)
        fit = ("fit: floor $+\\,c\\,m^{-b}$", {"color": GREY, "ls": "-"})
        bound = ("the bound's slope, $m^{-1/4}$", {"color": "black", "ls": "--"})
        _legend(grid[len(drawn) // 2 - 1], [*_marks([*NAMES]), fit, PREDICTED, bound])


def figure_workers(cells: pd.DataFrame, paths: list[Path]) -> None:
    """Draw both distances against workers: measured, predicted, and the bound's trend."""
    part = cells[in_sweep(cells, "S") & (cells["xi"] < 1)]
    drawn = _panels(part, ["source", "kappa"])
    with panels(paths, len(drawn), len(drawn) // 2, *SIZE) as grid:
        for axes, (term, key, own) in zip(grid, drawn, strict=True):
            _lines(axes, own, "S", term, bounded=True)
            logarithmic(axes)
            axes.set_xticks(sorted(own["S"].unique()))
            axes.set(xlabel="workers $S$", ylabel=LABELS[term], title=_title(*key))
            decades(axes)
        _legend(grid[len(drawn) // 2 - 1], [*_marks([*NAMES]), PREDICTED, SECOND])


def figure_probability(cells: pd.DataFrame, paths: list[Path]) -> None:
    """Draw both distances against xi: measured, predicted, and the bound's trend."""
    part = cells[in_sweep(cells, "xi") & (cells["xi"] < 1)]
    _both_kappas(part, "xi", r"probability $\xi$", [PREDICTED, SECOND], paths)


def figure_local_steps(cells: pd.DataFrame, paths: list[Path]) -> None:
    """Draw both distances against the number of local steps; the theorem has one."""
    _both_kappas(
        cells[in_sweep(cells, "local_steps")], "local_steps", "local steps", [PREDICTED], paths
    )


def figure_loss(curves: pd.DataFrame, paths: list[Path]) -> None:
    """Draw the loss of LoFT and of gradient descent, and Corollary 1's linear rate."""
    groups = _groups(curves, ["source", "kappa"])
    with panels(paths, len(groups), len(groups), *SIZE) as grid:
        for axes, (key, part) in zip(grid, groups, strict=True):
            for masks, own in part.groupby("masks", sort=False):
                colour = COLOURS[str(masks)]
                axes.plot(own["t"], own["loft_loss"], color=colour, lw=1.8)
                axes.plot(own["t"], own["descent_loss"], color="black", ls=":", lw=1.4)
                axes.plot(own["t"], own["rate_loss"], color=colour, ls="--", lw=1.1)
            axes.set(xlabel="iterations $t$", ylabel=r"loss $\frac{1}{2}\|y-u\|^2$")
            axes.set_title(_title(*key))
            decades(axes)
        lines: list[Entry] = [
            *((f"LoFT, {NAMES[masks]}", {"color": COLOURS[masks], "ls": "-"}) for masks in NAMES),
            ("gradient descent", {"color": "black", "ls": ":"}),
            (r"$(1-\eta\theta\xi\lambda_0/2)^t$", {"color": GREY, "ls": "--"}),
        ]
        _legend(grid[-1], lines)


def figure_neighbourhood(table: pd.DataFrame, paths: list[Path]) -> None:
    """Draw LoFT's last loss against our own prediction of the neighbourhood's size."""
    groups = list(table.groupby("source", sort=False))
    with panels(paths, len(groups), len(groups), 3.8, 3.4) as grid:
        for axes, (source, part) in zip(grid, groups, strict=True):
            ends = np.array([part["predicted"].min() / 2, part["predicted"].max() * 2])
            axes.plot(ends, ends, color="black", lw=1)
            for _, own in part.groupby(["masks", "kappa"], sort=False):
                look = _mark(own, table["kappa"].max())
                errors = 2 * own["measured_se"]
                axes.errorbar(
                    own["predicted"], own["measured"], yerr=errors, ls="", ms=6, capsize=2, **look
                )
            axes.set(xscale="log", title=TITLES[str(source)])
            axes.set(xlabel="predicted loss (our derivation)", ylabel="LoFT's loss at the end")
            decades(axes)
        equal: Entry = ("equal", {"color": "black", "ls": "-"})
        _legend(grid[-1], [*_kappa_marks(table), equal])


def _both_kappas(
    cells: pd.DataFrame, x: str, label: str, compared: list[Entry], paths: list[Path]
) -> None:
    """Draw both distances, all kappas in one panel."""
    drawn = _panels(cells, ["source"])
    with panels(paths, len(drawn), len(drawn), *SIZE) as grid:
        for axes, (term, (source,), part) in zip(grid, drawn, strict=True):
            _lines(axes, part, x, term, bounded=SECOND in compared)
            axes.set_xticks(sorted(part[x].unique()))
            axes.set(xlabel=label, ylabel=LABELS[term], title=TITLES[source])
            decades(axes)
        _legend(grid[-1], [*_kappa_marks(cells), *compared])


def _lines(axes: Panel, part: pd.DataFrame, x: str, term: str, bounded: bool) -> None:
    """Draw measured and predicted distances, and the bound's second term from the same start."""
    for (masks, _), own in part.groupby(["masks", "kappa"], sort=False):
        rows = own.sort_values(x)
        colour = COLOURS[str(masks)]
        _points(axes, rows, x, term, ls="-", most=part["kappa"].max())
        axes.plot(rows[x], rows[f"predicted_{term}"], color=colour, ls=":", lw=1.6)
        if bounded:
            scale = rows[term].iloc[0] / rows["bound_second"].iloc[0]
            axes.plot(rows[x], scale * rows["bound_second"], color=colour, ls="--", lw=1)


def _panels(cells: pd.DataFrame, by: list[str]) -> list[tuple[str, tuple[Any, ...], pd.DataFrame]]:
    """Return the panels: a term, the common values of the cells, and the cells."""
    return [(term, key, part) for term in TERMS for key, part in _groups(cells, by)]


def _groups(cells: pd.DataFrame, by: list[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    return [(tuple(key), part) for key, part in cells.groupby(by, sort=False)]


def _points(
    axes: Panel, part: pd.DataFrame, x: str, term: str, ls: str = "", most: float | None = None
) -> None:
    look = _mark(part, part["kappa"].max() if most is None else most)
    errors = 2 * part[f"{term}_se"]
    axes.errorbar(part[x], part[term], yerr=errors, ls=ls, lw=1.2, ms=5, capsize=2, **look)


def _mark(part: pd.DataFrame, most: float) -> dict[str, Any]:
    """Return how a cell's points look: filled at the largest kappa, open at others."""
    masks = str(part["masks"].iloc[0])
    filled = part["kappa"].iloc[0] == most
    look = {"color": COLOURS[masks], "marker": MARKS[masks]}
    return look if filled else {**look, "markerfacecolor": "white"}


def _marks(names: list[str]) -> list[Entry]:
    return [
        (NAMES[name], {"color": COLOURS[name], "marker": MARKS[name], "ls": ""}) for name in names
    ]


def _kappa_marks(cells: pd.DataFrame) -> list[Entry]:
    groups = cells.groupby(["masks", "kappa"], sort=False)
    most = cells["kappa"].max()
    return [
        (rf"{NAMES[str(masks)]}, $\kappa={kappa:g}$", {**_mark(own, most), "ls": ""})
        for (masks, kappa), own in groups
    ]


def _title(source: str, kappa: float) -> str:
    return rf"{TITLES[source]}, $\kappa={kappa:g}$"


def _legend(axes: Panel, entries: list[Entry]) -> None:
    handles = [axes.plot([], [], label=label, **look)[0] for label, look in entries]
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
