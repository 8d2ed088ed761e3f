"""Make Table 1 and the tables behind the figures from the metrics files."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from loft.core.reporting.checked_lines import read_jobs as read_lines
from loft.core.reporting.metrics import Line
from loft.soda.jobs import ReportJob, Shown
from loft.soda.line_schema import STEPS, expect_together
from loft.soda.paper_table1 import TABLE1

Job = list[Line]  # one job's lines, the first of which says what it was
Row = dict[str, Any]

NOT_RUN = "not run"
HEADS = {
    "table1": "problem,dataset,samples,features,lambda_1,lambda_2,normalisation,support,"
    "support_percent,paper_support_percent",
    "runs": "problem,p,repetition,outcome,epoch,time,suboptimality,identified_epoch,restarts,"
    "entries_up,entries_down,bytes_up,bytes_down,bytes_indices,stopping_times,contraction,accuracy",
    "exchanges": "problem,p,repetitions,failures,epochs,time,entries_up,entries_down,entries,bytes,"
    "expected_entries,expected_bytes,entries_to_dave_pg,bytes_to_dave_pg,time_to_dave_pg,restarts",
    "theorem": "problem,p,repetitions,identified,identified_epoch,alpha,bound,contraction,"
    "largest_contraction,holds,rate_to_dave_pg",
    "processes": "problem,workers,p,outcome,epoch,suboptimality,support,bytes_up,bytes_down,"
    "sent_by_workers,sent_by_master,largest_difference",
}


def read_jobs(job: ReportJob, paths: Iterable[Path]) -> list[Job]:
    """Read the metrics files of the problems that are shown.

    Raises:
        UserError: any of it is missing or damaged, or a problem is not among them.
    """
    jobs = [*read_lines(paths, STEPS).values()]
    expect_together(jobs, [shown.problem for shown in job.problems])
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


def render(job: ReportJob, jobs: list[Job]) -> dict[str, str]:
    """Return the text of every table by file name; the order of the jobs does not matter."""
    ours = runs(job, jobs)
    made = {
        "table1": table1(job, jobs),
        "runs": ours,
        "exchanges": exchanges(ours),
        "theorem": theorem(ours, jobs),
        "processes": processes(jobs),
    }
    return {f"{name}.csv": to_csv(rows, HEADS[name].split(",")) for name, rows in made.items()}


def only(jobs: Iterable[Job], step: str) -> list[Job]:
    """Return the jobs of a step."""
    return [job for job in jobs if job[0]["step"] == step]


def optima(jobs: list[Job]) -> dict[str, Line]:
    """Return the two lines of each problem's optimum as one."""
    return {job[0]["problem"]: {**job[0], **job[1]} for job in only(jobs, "optimum")}


def title(shown: Shown, dataset: str) -> str:
    """Return the name of a problem's data, with the data set that it stands in for."""
    return dataset if shown.stands_for is None else f"{dataset} (stand-in for {shown.stands_for})"


def table1(job: ReportJob, jobs: list[Job]) -> list[Row]:
    """Return Table 1: a row for each problem, and a row for each data set that was not run."""
    printed = {row.dataset: row for row in TABLE1}
    found, rows = optima(jobs), []
    for shown in job.problems:
        ours = found[shown.problem]
        theirs = printed.get(ours["dataset"])
        same = theirs is not None and all(
            ours[name] == getattr(theirs, name)
            for name in ("samples", "features", "lambda_1", "lambda_2")
        )
        percent = 100 * ours["support"] / ours["features"]
        names = {"dataset": title(shown, ours["dataset"]), "support_percent": percent}
        paper = theirs.support_percent if theirs is not None and same else None
        rows.append({**ours, **names, "paper_support_percent": paper})
    run = {ours["dataset"] for ours in found.values()}
    for row in TABLE1:
        if row.dataset not in run:
            absent = dict.fromkeys(("normalisation", "support", "support_percent"), NOT_RUN)
            theirs_alone = {**row._asdict(), "paper_support_percent": row.support_percent}
            rows.append({**theirs_alone, **absent})
    return rows


def runs(job: ReportJob, jobs: list[Job]) -> list[Row]:
    """Return every repetition, ordered by problem as in the run, by falling p, by repetition."""
    place = {shown.problem: number for number, shown in enumerate(job.problems)}
    rows = [
        {"problem": simulated[0]["problem"], "p": simulated[0]["p"], **line}
        for simulated in only(jobs, "simulate")
        for line in simulated
        if line["kind"] == "run"
    ]
    return sorted(rows, key=lambda row: (place[row["problem"]], -row["p"], row["repetition"]))


def grouped(rows: list[Row]) -> dict[tuple[str, float], list[Row]]:
    """Return the repetitions by problem and probability, in the given order."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["problem"], row["p"]), []).append(row)
    return groups


def exchanges(rows: list[Row]) -> list[Row]:
    """Return the values of Figure 2: means over the repetitions that reached the target.

    Expected exchanges count the failures before the first success: with a share f of failures,
    mean of successes + f / (1 - f) * mean of failures.
    """
    result: list[Row] = []
    dave_pg: dict[str, Row] = {}
    for (problem, p), group in grouped(rows).items():
        reached = [row for row in group if row["outcome"] == "converged"]
        failed = [row for row in group if row["outcome"] != "converged"]

        def mean(value: Callable[[Row], float], of: list[Row] = reached) -> float | None:
            return float(np.mean([value(row) for row in of])) if of else None

        def expected(value: Callable[[Row], float]) -> float | None:
            success, failure = mean(value), mean(value, failed)  # noqa: B023
            if success is None or failure is None:
                return success
            return success + len(failed) / len(reached) * failure  # noqa: B023

        row = {
            "problem": problem,
            "p": p,
            "repetitions": len(group),
            "failures": len(failed),
            "epochs": mean(lambda row: row["epoch"]),
            "time": mean(lambda row: row["time"]),
            "entries_up": mean(lambda row: row["entries_up"]),
            "entries_down": mean(lambda row: row["entries_down"]),
            "entries": mean(entries),
            "bytes": mean(sent),
            "expected_entries": expected(entries),
            "expected_bytes": expected(sent),
            "restarts": sum(row["restarts"] for row in group),
        }
        if p == 1:
            dave_pg[problem] = row
        for name in ("entries", "bytes", "time"):
            ours, theirs = row[name], dave_pg.get(problem, {}).get(name)
            row[f"{name}_to_dave_pg"] = ours / theirs if ours and theirs else None
        result.append(row)
    return result


def entries(row: Row) -> float:
    """Return the number of entries that a run sent in both directions."""
    return float(row["entries_up"] + row["entries_down"])


def sent(row: Row) -> float:
    """Return the number of bytes that a run sent in both directions."""
    return float(row["bytes_up"] + row["bytes_down"])


def theorem(rows: list[Row], jobs: list[Job]) -> list[Row]:
    """Return Theorem 1's and the measured contraction per stopping time, by probability.

    The theorem holds where the largest measured factor is at most the bound 1 - alpha; that it does
    not depend on p shows in the rate -log(contraction) over DAve-PG's.
    """
    alphas = {
        (job[0]["problem"], job[0]["p"]): next(
            line["alpha"] for line in job if line["kind"] == "theory"
        )
        for job in only(jobs, "simulate")
    }
    result: list[Row] = []
    dave_pg: dict[str, float] = {}
    for (problem, p), group in grouped(rows).items():
        found = [row for row in group if row["contraction"] is not None]
        row: Row = {"problem": problem, "p": p, "repetitions": len(group), "identified": len(found)}
        row |= {"alpha": alphas[problem, p], "bound": 1 - alphas[problem, p]}
        if found:
            factors = [row["contraction"] for row in found]
            row["identified_epoch"] = float(np.mean([row["identified_epoch"] for row in found]))
            row["contraction"], row["largest_contraction"] = float(np.mean(factors)), max(factors)
            row["holds"] = max(factors) <= row["bound"]
            rate = -float(np.mean(np.log(factors)))
            if p == 1:
                dave_pg[problem] = rate
            row["rate_to_dave_pg"] = rate / dave_pg[problem] if problem in dave_pg else None
        result.append(row)
    return result


def processes(jobs: list[Job]) -> list[Row]:
    """Return the runs of real processes."""
    rows = []
    for job in only(jobs, "processes"):
        by_kind = {line["kind"]: line for line in job}
        master, *workers = [line["bytes_sent"] for line in job if line["kind"] == "process"]
        totals = {"sent_by_master": master, "sent_by_workers": sum(workers)}
        replay = by_kind["replay"]["largest_difference"]
        rows.append({**job[0], **by_kind["run"], **totals, "largest_difference": replay})
    return rows
