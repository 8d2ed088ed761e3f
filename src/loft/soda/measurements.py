"""Lines of this study's jobs, as its tables and figures read them."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loft.core.reporting.checked_lines import read_jobs as read_lines
from loft.core.reporting.metrics import Line
from loft.soda.jobs import Shown
from loft.soda.line_schema import STEPS, check_all_jobs

Job = list[Line]  # one job's lines, the first of which says what it was
Row = dict[str, Any]

NOT_RUN = "not run"


def read_jobs(problems: Iterable[Shown], paths: Iterable[Path]) -> list[Job]:
    """Read the metrics files of the problems that are shown.

    Raises:
        UserError: any of it is missing or damaged, or a problem is not among them.
    """
    jobs = [*read_lines(paths, STEPS).values()]
    check_all_jobs(jobs, [shown.problem for shown in problems])
    return jobs


def to_csv(rows: Iterable[Row], columns: list[str]) -> str:
    """Return rows as CSV: floats with 6 significant digits, missing values blank."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({column: _text(row.get(column)) for column in columns})
    return buffer.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def only(jobs: Iterable[Job], step: str) -> list[Job]:
    """Return the jobs of a step."""
    return [job for job in jobs if job[0]["step"] == step]


def optima(jobs: list[Job]) -> dict[str, Line]:
    """Return the two lines of each problem's optimum as one."""
    return {job[0]["problem"]: {**job[0], **job[1]} for job in only(jobs, "optimum")}


def title(shown: Shown, dataset: str) -> str:
    """Return the name of a problem's data, with the data set that it stands in for."""
    return dataset if shown.stands_for is None else f"{dataset} (stand-in for {shown.stands_for})"


def grouped(rows: list[Row]) -> dict[tuple[str, float], list[Row]]:
    """Return the repetitions by problem and probability, in the given order."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["problem"], row["p"]), []).append(row)
    return groups


def entries(row: Row) -> float:
    """Return the number of entries that a run sent in both directions."""
    return float(row["entries_up"] + row["entries_down"])


def sent(row: Row) -> float:
    """Return the number of bytes that a run sent in both directions."""
    return float(row["bytes_up"] + row["bytes_down"])
