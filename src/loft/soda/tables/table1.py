"""Make Table 1: the support of the optimum and the paper's."""

from loft.soda.jobs import Shown
from loft.soda.measurements import NOT_RUN, Job, Row, optima, title
from loft.soda.paper_table1 import TABLE1

TITLE = "Table 1"
CAPTION = """
SODA's Table 1: the support of the optimum, found by an independent solver, beside the printed
percentage. The paper's rows whose data were not run say so; a stand-in is named as one and has no
printed value. The normalisation that the text describes, columns over their largest absolute
value, leaves no feature on madelon; standardised columns give the printed number.
"""
COLUMNS = [
    "problem",
    "dataset",
    "samples",
    "features",
    "lambda_1",
    "lambda_2",
    "normalisation",
    "support",
    "support_percent",
    "paper_support_percent",
]


def make(problems: list[Shown], jobs: list[Job]) -> list[Row]:
    """Return Table 1: a row for each problem, and a row for each data set that was not run."""
    printed = {row.dataset: row for row in TABLE1}
    found, rows = optima(jobs), []
    for shown in problems:
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
