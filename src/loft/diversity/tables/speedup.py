"""Make the table of the speed-up by worker processes (Figure 1)."""

from typing import Any

import numpy as np
import pandas as pd

from loft.diversity.measurements import Jobs, Row, of_kind
from loft.diversity.settings import NetworkSettings

TITLE = "Speed-up"
CAPTION = """
Seconds of a pass over the data by workers and batch size, measured and modelled, over one worker's.
"""
FLOAT32 = 4  # bytes


def make(jobs: Jobs, network: NetworkSettings, modelled: list[int]) -> pd.DataFrame:
    """Return Figure 1 as a table: seconds of a pass by workers and batch, and the speed-up.

    `kind` is "measured" or "model". In the model an iteration takes a + c B / P seconds, with a and
    c fitted to one process, and a ring all-reduce: 2 (P - 1) messages, one after the other, each
    with 1 / P of the gradient.
    """
    lines = of_kind(jobs, "pass")
    alone = {line["batch"]: line["pass_seconds"] for line in lines if line["workers"] == 1}
    single = [line for line in lines if line["workers"] == 1]
    each = [line["pass_seconds"] / line["iterations"] for line in single]
    design = np.stack([np.ones(len(single)), [line["batch"] for line in single]], 1)
    fixed, slope = np.maximum(np.linalg.lstsq(design, np.array(each), rcond=None)[0], 0)
    size = FLOAT32 * lines[0]["weights"]
    rows: list[Row] = [
        {
            "model": line["model"],
            "workers": line["workers"],
            "batch": line["batch"],
            "kind": "measured",
            "pass_seconds": line["pass_seconds"],
            "bytes_sent": line["bytes_sent"],
        }
        for line in lines
    ]
    for workers in sorted({line["workers"] for line in lines} | {*modelled}):
        for line in single:
            message = network.latency + size / workers / network.bandwidth
            step = fixed + slope * line["batch"] / workers + 2 * (workers - 1) * message
            rows.append(
                {
                    "model": line["model"],
                    "workers": workers,
                    "batch": line["batch"],
                    "kind": "model",
                    "pass_seconds": line["iterations"] * step,
                    "bytes_sent": 2 * (workers - 1) * size * line["iterations"],
                }
            )
    table = pd.DataFrame(rows)
    table["speedup"] = [
        _one(table, row, alone) / row["pass_seconds"] for row in table.to_dict("records")
    ]
    return table.sort_values(["kind", "workers", "batch"], ignore_index=True)


def _one(table: pd.DataFrame, row: Any, alone: dict[int, float]) -> float:
    """Return one worker's seconds of the same kind and batch size."""
    if row["kind"] == "measured":
        return alone[row["batch"]]
    same = (table["kind"] == "model") & (table["workers"] == 1) & (table["batch"] == row["batch"])
    return float(table.loc[same, "pass_seconds"].iloc[0])
