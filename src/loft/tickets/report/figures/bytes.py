"""Draw the accuracy of tickets against the bytes that pretraining sent, for all methods.

The paper gives both numbers in Table 1 and has no figure of them.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.reporting.figure_style import Panel, logarithmic, panels
from loft.tickets.report.curves import networks
from loft.tickets.report.looks import look
from loft.tickets.results.schema.table_rows import RATIO

TITLE = "Accuracy against bytes"
CAPTION = """
Accuracy of the tickets of the last snapshot against what all workers sent during pretraining, in
gigabytes as counted. The number beside a mark is that of workers; bars are the deviation over
seeds. Dense pretraining sends nothing and is the dashed line.
"""


def draw(paths: list[Path], table1: pd.DataFrame) -> None:
    """Draw ticket accuracy against gigabytes sent, a panel for each network and ratio.

    The number beside a mark is the number of workers; bars are the deviation over seeds. Dense
    pretraining and controls send nothing and cannot be on a logarithmic axis: each is a horizontal
    line.
    """
    ratios = [found[1] for column in table1.columns if (found := RATIO.fullmatch(column))]
    drawn = [(name, part, ratio) for name, part in networks(table1) for ratio in ratios]
    with panels(paths, len(drawn), len(ratios), width=3.8, height=3.2) as grid:
        for axes, (name, part, ratio) in zip(grid, drawn, strict=True):
            _panel(axes, part, f"accuracy_{ratio}")
            axes.set(title=f"{name}\n{ratio} % pruned")
        last = grid[len(ratios) - 1]
        last.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def _panel(axes: Panel, table: pd.DataFrame, column: str) -> None:
    for method, rows in table.groupby("method", sort=False):
        own = look(str(method))
        shown: dict[str, Any] = {"color": own.colour, "label": own.title}
        sending = rows[rows["comm_gigabytes"] > 0]
        for accuracy in rows.loc[rows["comm_gigabytes"] == 0, column]:
            axes.axhline(accuracy, linestyle=own.across, **shown)
        deviation = sending[f"{column}_std"]
        if len(sending):
            axes.errorbar(
                sending["comm_gigabytes"],
                sending[column],
                yerr=deviation if deviation.notna().all() else None,
                fmt=own.mark,
                linestyle=":",
                markersize=8,
                capsize=3,
                **shown,
            )
        for x, y, workers in zip(
            sending["comm_gigabytes"], sending[column], sending["workers"], strict=True
        ):
            axes.annotate(str(workers), (x, y), xytext=(6, 5), textcoords="offset points")
    logarithmic(axes)
    axes.margins(x=0.15, y=0.15)
    axes.set(xlabel="sent by all workers, GB", ylabel="ticket accuracy, %")
