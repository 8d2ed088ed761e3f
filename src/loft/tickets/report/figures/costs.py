"""Draw the accuracy of tickets against what pretraining costs: bytes, images and operations.

The paper gives accuracies and bytes in Table 1 and has no figure of them.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.reporting.figure_style import Panel, logarithmic, panels
from loft.tickets.report.curves import networks
from loft.tickets.report.looks import look
from loft.tickets.results.schema.table_rows import RATIO

TITLE = "Accuracy against cost"
CAPTION = """
Accuracy of the tickets of the last snapshot against the costs of pretraining, for all workers
together: bytes that they send, images that they train on, and operations of their forward and
backward passes. The number beside a mark is that of workers; bars are the deviation over seeds. A
row that costs nothing of a kind, such as dense pretraining of bytes, is a horizontal line.
"""
COSTS = {  # column of Table 1 -> what the axis says
    "comm_gigabytes": "sent by all workers, GB",
    "pretrain_images": "images trained on",
    "pretrain_teraoperations": "operations, 10^12",
}


def draw(paths: list[Path], table1: pd.DataFrame) -> None:
    """Draw a row of panels for each network and ratio, a panel for each cost that is known."""
    ratios = [found[1] for column in table1.columns if (found := RATIO.fullmatch(column))]
    costs = [name for name in COSTS if name in table1 and table1[name].notna().any()]
    drawn = [
        (name, part, ratio, cost)
        for name, part in networks(table1)
        for ratio in ratios
        for cost in costs
    ]
    with panels(paths, len(drawn), len(costs), width=3.8, height=3.2) as grid:
        for axes, (name, part, ratio, cost) in zip(grid, drawn, strict=True):
            _panel(axes, part, f"accuracy_{ratio}", cost)
            axes.set(title=f"{name}\n{ratio} % pruned")
        last = grid[len(costs) - 1]
        last.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def _panel(axes: Panel, table: pd.DataFrame, column: str, cost: str) -> None:
    for method, rows in table.groupby("method", sort=False):
        own = look(str(method))
        shown: dict[str, Any] = {"color": own.colour, "label": own.title}
        costly = rows[rows[cost] > 0]
        for accuracy in rows.loc[rows[cost] == 0, column]:
            axes.axhline(accuracy, linestyle=own.across, **shown)
        deviation = costly[f"{column}_std"]
        if len(costly):
            axes.errorbar(
                costly[cost],
                costly[column],
                yerr=deviation if deviation.notna().all() else None,
                fmt=own.mark or "|",
                linestyle=":",
                markersize=8,
                capsize=3,
                **shown,
            )
        for x, y, workers in zip(costly[cost], costly[column], costly["workers"], strict=True):
            axes.annotate(str(workers), (x, y), xytext=(6, 5), textcoords="offset points")
    logarithmic(axes)
    axes.margins(x=0.15, y=0.15)
    axes.set(xlabel=COSTS[cost], ylabel="ticket accuracy, %")
