"""Draw the parts that the study's figures share. DAve-PG is dashed."""

from typing import Any

import seaborn as sns

from loft.core.reporting.figure_style import Panel
from loft.core.reporting.metrics import Line
from loft.soda.jobs import Shown
from loft.soda.measurements import Job, only, optima, title
from loft.soda.paper_table1 import FIGURES

BLUE, ORANGE, CYAN, RED, DARK = ("#0072b2", "#de8f05", "#17a2b8", "#c1272d", "#222222")
Curve = tuple[float, Line]  # p, and what was measured


def drawn(
    problems: list[Shown], jobs: list[Job], figure: int
) -> tuple[list[tuple[Shown, str]], str]:
    """Return a figure's problems with their titles, and the paper's data sets that were not run."""
    found, datasets = [], set()
    for shown in problems:
        if figure in shown.figures:
            about = optima(jobs)[shown.problem]
            datasets.add(about["dataset"])
            name = title(shown, about["dataset"])
            found.append((shown, f"{name}, {_weight(about['lambda_1'])}"))
    absent = [name for name in FIGURES[figure] if name not in datasets]
    return found, f"not run: {', '.join(absent)}" if absent else ""


def _weight(lambda_1: float) -> str:
    digits, _, exponent = f"{lambda_1:.0e}".partition("e")
    times = "" if digits == "1" else f"{digits} \\cdot "
    return f"$\\lambda_1 = {times}10^{{{int(exponent)}}}$"


def empty(grid: list[Panel]) -> None:
    """Draw a figure in which no problem of the run appears."""
    for axes in grid:
        axes.set_axis_off()


def curves_of(shown: Shown, jobs: list[Job]) -> list[Curve]:
    """Return a problem's curves by falling p."""
    found = [
        (job[0]["p"], line)
        for job in only(jobs, "simulate")
        if job[0]["problem"] == shown.problem
        for line in job
        if line["kind"] == "curves"
    ]
    return sorted(found, key=lambda curve: -curve[0])


def look(p: float, curves: list[Curve]) -> dict[str, Any]:
    """Return the style of the curve of a probability; its colour shows its place among all."""
    if p == 1:
        return {"color": DARK, "label": "DAve-PG (p = 1)", "linewidth": 2, "linestyle": (0, (4, 1))}
    masked = [other for other, _ in curves if other != 1]
    palette = sns.color_palette("viridis", len(masked))
    return {"color": palette[masked.index(p)], "label": f"SODA, p = {p:g}", "linewidth": 1.8}


def percent(line: Line, shown: Shown, jobs: list[Job]) -> list[float]:
    """Return a curve of the support in percent of the features."""
    features = optima(jobs)[shown.problem]["features"]
    return [100 * support / features for support in line["support"]]


def mark_optimum(axes: Panel, shown: Shown, jobs: list[Job]) -> None:
    """Draw the optimum's support as a line across."""
    about = optima(jobs)[shown.problem]
    level = 100 * about["support"] / about["features"]
    axes.axhline(level, color="grey", linewidth=1, linestyle=":", label="optimum")
