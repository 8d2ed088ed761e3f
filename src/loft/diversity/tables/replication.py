"""Make the table of losses on replicated data (Figure 3)."""

from typing import Any

import pandas as pd

from loft.core.reporting.verdicts.intervals import geometric, logs, paired
from loft.diversity.measurements import Jobs, mean_ratios, of_kind

TITLE = "Replication"
CAPTION = """
Loss of large batches over that of small ones on data replicated r times, steps tuned for each
configuration (figure 3 of "Gradient Diversity"). Above 1, large batches converge more slowly.
"""
REPLICATION = ["model", "replication", "mechanism", "loss_ratio", "low", "high", "samples"]


def make(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return Figure 3 as a table: a row for each model, replication and mechanism.

    `loss_ratio` is the loss with large batches over the loss with small ones, averaged over
    evaluations: its geometric mean over `samples` repetitions, with an interval on a logarithmic
    scale. `finding` compares repetition by repetition, on that scale: a row without mechanism with
    the next smaller replication, a row with a mechanism with the same replication without it.
    """
    means = mean_ratios(jobs)
    planned = {line["model"]: line["repetitions"] for line in of_kind(jobs, "job", "replication")}
    rows = []
    for (model, mechanism, factor), own in sorted(means.items(), key=_order):
        mean, low, high = geometric([*own.values()], confidence)
        lost = planned[model] - len(own)
        row = dict(
            zip(REPLICATION, (model, factor, mechanism, mean, low, high, len(own)), strict=True)
        )
        finding = _finding(means, (model, mechanism, factor), confidence)
        rows.append({**row, "finding": finding + (f"; {lost} diverged" if lost else "")})
    return pd.DataFrame(rows, columns=[*REPLICATION, "finding"])


def _order(item: tuple[tuple[str, str, int], Any]) -> tuple[str, bool, str, int]:
    model, mechanism, factor = item[0]
    return model, mechanism != "none", mechanism, factor


def _finding(
    means: dict[tuple[str, str, int], dict[int, float]], key: tuple[str, str, int], level: float
) -> str:
    model, mechanism, factor = key
    other, against = (model, "none", factor), "without"
    words = "higher than", "lower than"
    if mechanism == "none":
        smaller = [r for m, name, r in means if m == model and name == "none" and r < factor]
        if not smaller:
            return "the data as they are"
        other, against = (model, "none", max(smaller)), f"replication {max(smaller)}"
        words = "grows from", "falls from"
    both = sorted(means[key].keys() & means[other].keys())
    if not both:
        return f"not told from {against}"
    own, theirs = (logs(means[each][k] for k in both) for each in (key, other))
    low, high = paired(own, theirs).interval(0.5 + level / 2)
    said = words[0] if low > 0 else words[1] if high < 0 else "not told from"
    return f"{said} {against}"
