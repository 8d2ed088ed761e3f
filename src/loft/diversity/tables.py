"""Make the study's tables from its jobs' lines."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as students

from loft.core.reporting.checked_lines import Steps
from loft.core.reporting.checked_lines import read_jobs as read_lines
from loft.core.reporting.metrics import Line
from loft.diversity.line_schema.together import STEPS, expect_together

Jobs = list[list[Line]]
Row = dict[str, Any]
Interval = tuple[float, float, float]  # mean, low, high

REPLICATION = ["model", "replication", "mechanism", "loss_ratio", "low", "high", "samples"]
NAN = float("nan")


def read_jobs(paths: Iterable[Path], steps: Steps = STEPS) -> Jobs:
    """Read the metrics files of the steps; their order does not matter.

    Raises:
        UserError: a line is missing or damaged.
    """
    jobs = sorted(read_lines(paths, steps).values(), key=lambda job: str(job[0]))
    expect_together(jobs, steps)
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


def replication_table(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return Figure 3 as a table: a row for each model, replication and mechanism.

    `loss_ratio` is the loss with large batches over the loss with small ones, averaged over
    evaluations, with an interval over `samples` repetitions. `finding` compares repetition by
    repetition: a row without mechanism with the next smaller replication, a row with a mechanism
    with the same replication without it.
    """
    means = {
        key: {repetition: float(np.mean(curve)) for repetition, curve in own.items()}
        for key, own in ratios(jobs).items()
    }
    planned = {
        line["model"]: line["settings"]["replication"]["repetitions"]
        for line in of_kind(jobs, "job", "replication")
    }
    rows = []
    for (model, mechanism, factor), own in sorted(means.items(), key=_order):
        mean, low, high = interval(own.values(), confidence)
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
    paired = [means[key][k] - means[other][k] for k in means[key].keys() & means[other].keys()]
    _, low, high = interval(paired, level)
    said = words[0] if low > 0 else words[1] if high < 0 else "not told from"
    return f"{said} {against}"


def steps_table(jobs: Jobs) -> pd.DataFrame:
    """Return the tuned step of every configuration; `edge`: it is the first or last one tried."""
    columns = ["model", "mechanism", "replication", "batch", "step", "edge"]
    rows = [{name: line[name] for name in columns} for line in of_kind(jobs, "tuned")]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:4], ignore_index=True)


def diversity_table(jobs: Jobs) -> pd.DataFrame:
    """Return Definition 1 before and after training, and the bound with the mechanism."""
    columns = ["model", "mechanism", "replication", "when", "samples", "measured", "diversity"]
    columns += ["error", "bound", "mechanism_bound"]
    rows = [{name: line[name] for name in columns} for line in of_kind(jobs, "diversity")]
    table = pd.DataFrame(rows, columns=columns)
    table["when"] = pd.Categorical(table["when"], ["start", "end"])
    return table.sort_values(columns[:4], ignore_index=True)


def statements_table(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return every statement with its conditions, its promise and the measured value."""
    rows = [
        *map(_convergence(confidence), of_kind(jobs, "convergence")),
        *map(_bound, of_kind(jobs, "bound")),
        *map(_mechanism, of_kind(jobs, "mechanism")),
    ]
    return pd.DataFrame(rows)


def _convergence(confidence: float) -> Callable[[Line], Row]:
    def row(line: Line) -> Row:
        mean, low, high = interval(line["attained"], confidence)
        met = line["batch"] <= line["largest_batch"] and line["inside"]
        promised = line["promised"]
        about = {"statement": f"theorem: {line['theorem']}", "case": f"delta {line['delta']:g}"}
        about["condition"] = (
            f"B = {line['batch']}, T = {line['updates']}"
            + ("" if promised is not None else ", beyond delta B_D + 1")
            + ("" if met else ", a condition not met")
        )
        verdict = "nothing promised" if promised is None or not met else _holds(high <= promised)
        return {**about, "promised": promised, "measured": mean, "low": low, "high": high} | {
            "finding": verdict
        }

    return row


def _bound(line: Line) -> Row:
    return {
        "statement": f"bound: {line['case']}",
        "case": f"definition {line['definition']}",
        "condition": f"least of {line['weights']} weights",
        "promised": line["bound"],
        "measured": line["least"],
        "finding": _holds(line["least"] >= line["bound"] * (1 - 1e-6)),
    }


def _mechanism(line: Line) -> Row:
    below = line["bound"] <= line["samples"]
    raised = line["expected"] >= line["bound"] * (1 - 1e-6)
    verdict = (
        f"raises, drawn {line['drawn']:.4g}" if raised else f"lowers, drawn {line['drawn']:.4g}"
    )
    return {
        "statement": f"mechanism: {line['mechanism']}",
        "case": f"definition {line['definition']}, {line['weights']}",
        "condition": "B <= n" if below else "B > n, the reversal",
        "promised": line["bound"],
        "measured": line["expected"],
        "finding": f"{verdict}; {_holds(raised == below)}",
    }


def _holds(held: bool) -> str:
    return "holds" if held else "DOES NOT HOLD"


def stability_table(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return measurements of Theorem 5: distances of trainings on data that differ in one point.

    `finding` compares each batch with serial SGD's distance.
    """
    rows: list[Row] = []
    for line in of_kind(jobs, "stability"):
        mean, low, high = interval(line["distances"], confidence)
        gap, gap_low, gap_high = interval(line["gaps"], confidence)
        row = {name: line[name] for name in ("batch", "step", "updates", "least_bound", "bound")}
        row |= {"distance": mean, "low": low, "high": high, "gap": gap}
        rows.append(row | {"gap_low": gap_low, "gap_high": gap_high})
    table = pd.DataFrame(rows)
    serial = table.loc[table["batch"] == 1, "distance"].iloc[0]
    table["to_serial"] = table["distance"] / serial
    table["gap_to_serial"] = table["gap"] / table.loc[table["batch"] == 1, "gap"].iloc[0]
    table["within"] = table["batch"] <= table["bound"]
    return table
