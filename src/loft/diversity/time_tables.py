"""Make the tables of passes, of the speed-up by worker processes, and of DropConnect."""

from typing import Any

import numpy as np
import pandas as pd

from loft.core.reporting.metrics import Line
from loft.diversity.settings import NetworkSettings
from loft.diversity.tables import NAN, Jobs, interval, of_kind

FLOAT32 = 4  # bytes
Row = dict[str, Any]


def passes_table(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return Figure 2 as a table: passes until the accuracy, for each batch size.

    Repetitions that did not reach the accuracy are not among the `samples` of the mean, so with
    any of them the mean is too low.
    """
    rows: list[Row] = []
    for lines in _by_batch(of_kind(jobs, "passes")):
        found = [line["passes"] for line in lines]
        reached = [value for value in found if value is not None]
        mean, low, high = interval(reached, confidence)
        first = lines[0]
        target = first["settings"]["passes"]
        rows.append(
            {
                "model": first["model"],
                "accuracy": target["accuracy"],
                "batch": first["batch"],
                "step": first["step"],
                "edge": first["edge"],
                "passes": mean,
                "low": low,
                "high": high,
                "samples": len(reached),
                "missed": len(found) - len(reached),
            }
        )
    return pd.DataFrame(rows)


def _by_batch(lines: list[Line], *also: str) -> list[list[Line]]:
    """Group lines by the values of `also` and the batch size, in ascending order."""
    found: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        found.setdefault((*(line[name] for name in also), line["batch"]), []).append(line)
    return [found[key] for key in sorted(found)]


def speedup_table(jobs: Jobs, network: NetworkSettings, modelled: list[int]) -> pd.DataFrame:
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


def dropconnect_table(jobs: Jobs, confidence: float, tolerance: float) -> pd.DataFrame:
    """Return time and passes to the accuracy in two processes, with and without DropConnect.

    `keeps`: the passes are at most `1 + tolerance` times the fewest of the same drop probability.
    `largest`: the largest batch size for which this and all smaller ones keep. `fastest`: the batch
    size with the least seconds. `faster`: the share of seconds saved against no DropConnect, each
    at its fastest batch size.
    """
    rows: list[Row] = []
    for lines in _by_batch(of_kind(jobs, "ending"), "drop"):
        found = [line for line in lines if line["passes"] is not None]
        mean, low, high = interval((line["train_seconds"] for line in found), confidence)
        first = lines[0]
        whole = len(found) == len(lines)
        passes = float(np.mean([line["passes"] for line in found])) if whole else NAN
        rows.append(
            {
                "model": first["model"],
                "drop": first["drop"],
                "batch": first["batch"],
                "step": first["step"],
                "edge": first["edge"],
                "passes": passes,
                "train_seconds": mean if whole else NAN,
                "low": low,
                "high": high,
                "samples": len(found),
                "missed": len(lines) - len(found),
            }
        )
    table = pd.DataFrame(rows)
    for drop, own in table.groupby("drop"):
        keeps = own["passes"] <= (1 + tolerance) * own["passes"].min()
        table.loc[own.index, "keeps"] = keeps
        unbroken = own.loc[keeps.cummin(), "batch"]
        table.loc[own.index, "largest"] = own["batch"] == unbroken.max()
        table.loc[own.index, "fastest"] = own["train_seconds"] == own["train_seconds"].min()
        plain = table.loc[table["drop"] == 0, "train_seconds"].min()
        table.loc[own.index, "faster"] = 1 - own["train_seconds"].min() / plain if drop else NAN
    return table
