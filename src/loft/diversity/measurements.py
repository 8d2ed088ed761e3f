"""Read the lines of this study's jobs for its tables and figures."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as students

from loft.core.reporting.checked_lines import Steps
from loft.core.reporting.checked_lines import read_jobs as read_lines
from loft.core.reporting.metrics import Line
from loft.diversity.line_schema.all_jobs import STEPS, check_all_jobs

Jobs = list[list[Line]]
Row = dict[str, Any]
Interval = tuple[float, float, float]  # mean, low, high

NAN = float("nan")


def read_jobs(paths: Iterable[Path], steps: Steps = STEPS) -> Jobs:
    """Read the metrics files of the steps; their order does not matter.

    Raises:
        UserError: a line is missing or damaged.
    """
    jobs = sorted(read_lines(paths, steps).values(), key=lambda job: str(job[0]))
    check_all_jobs(jobs, steps)
    return jobs


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV, with numbers to five significant digits."""
    return table.to_csv(index=False, float_format="%.5g", lineterminator="\n")


def of_kind(jobs: Jobs, kind: str, step: str | None = None) -> list[Line]:
    """Return the lines of one kind, each with the facts of its job."""
    return [
        {**job[0], **line}
        for job in jobs
        for line in job
        if line["kind"] == kind and step in (None, job[0]["step"])
    ]


def interval(values: Iterable[float], confidence: float) -> Interval:
    """Return a mean with Student's interval; NaN bounds if there are too few values."""
    found = np.array([*values], dtype=float)
    if len(found) == 0:
        return NAN, NAN, NAN
    mean = float(found.mean())
    if len(found) < 2:
        return mean, NAN, NAN
    error = float(found.std(ddof=1)) / len(found) ** 0.5
    half = float(students.ppf(0.5 + confidence / 2, len(found) - 1)) * error
    return mean, mean - half, mean + half


def ratios(jobs: Jobs) -> dict[tuple[str, str, int], dict[int, list[float]]]:
    """Return the loss with large batches over the loss with small ones, at each evaluation.

    Keys are model, mechanism and replication, then the repetition. Repetitions that diverged are
    left out.
    """
    runs: dict[tuple[str, str, int], dict[int, dict[int, list[float | None]]]] = {}
    for line in of_kind(jobs, "run", "replication"):
        key = line["model"], line["mechanism"], line["replication"]
        own = runs.setdefault(key, {}).setdefault(line["repetition"], {})
        own[line["batch"]] = line["losses"]
    found: dict[tuple[str, str, int], dict[int, list[float]]] = {}
    for key, repetitions in runs.items():
        found[key] = {}
        for repetition, curves in repetitions.items():
            small, large = (curves[batch] for batch in sorted(curves))
            if None not in small and None not in large:
                pairs = zip(small, large, strict=True)
                found[key][repetition] = [
                    b / a for a, b in pairs if a is not None and b is not None
                ]
    return found


def mean_ratios(jobs: Jobs) -> dict[tuple[str, str, int], dict[int, float]]:
    """Return the ratios of losses averaged over evaluations, by the same keys and repetition."""
    return {
        key: {repetition: float(np.mean(curve)) for repetition, curve in own.items()}
        for key, own in ratios(jobs).items()
    }


def by_batch(lines: list[Line], *also: str) -> list[list[Line]]:
    """Group lines by the values of `also` and the batch size, in ascending order."""
    found: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        found.setdefault((*(line[name] for name in also), line["batch"]), []).append(line)
    return [found[key] for key in sorted(found)]
