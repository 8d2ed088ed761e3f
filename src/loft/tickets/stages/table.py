"""Table 1 and the tables behind it and the figures, from the lines that jobs wrote."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.checkpoint import write_bytes
from loft.core.metrics import read
from loft.tickets import printing, tables
from loft.tickets.stopping import stopping_table


def run(metrics: list[Path], folder: Path, summary: Path) -> None:
    """Write `table1` as CSV, Markdown and LaTeX, the tables behind it, and a summary."""
    for name, text in render(metrics).items():
        write_bytes(summary if name == "metrics.json" else folder / name, text.encode())


def render(metrics: list[Path]) -> dict[str, str]:
    """Return every table's text by file name, the same for the same lines in whatever order."""
    jobs = sorted((read(path) for path in metrics), key=tables.order)
    table = tables.table1(jobs)
    lines = [line for job in jobs for line in job]
    return {
        "table1.csv": printing.to_csv(table),
        "table1.md": printing.to_markdown(table),
        "table1.tex": printing.to_latex(table),
        "tickets.csv": printing.to_csv(tables.tickets_table(jobs)),
        "distances.csv": printing.to_csv(tables.distances_table(lines)),
        "stopping.csv": printing.to_csv(stopping_table(jobs)),
        "metrics.json": json.dumps(summarise(table), indent=1) + "\n",
    }


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Return what `dvc metrics show` compares: accuracies and cost by model and cell."""
    result: dict[str, Any] = {}
    wanted = ["pretrain_accuracy", *tables.accuracies(table), "comm_gigabytes"]
    for row in table.to_dict("records"):
        cell = f"{row['method']}-{row['workers']}"
        model = result.setdefault(str(row["model"]), {"dense_accuracy": row["dense_accuracy"]})
        model[cell] = {key: round(float(row[key]), 6) for key in wanted if not pd.isna(row[key])}
    return {"tickets": result}
