"""Make the table of verdicts on the paper's claims beside Table 1 (sections 3, 4 and 6)."""

import pandas as pd

from loft.core.reporting.verdicts.claims import rows
from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job
from loft.tickets.report.verdicts.claims import accuracy, costs, rankings
from loft.tickets.report.verdicts.measurements import collect

TITLE = "Claims"
CAPTION = """
What the paper says beside Table 1, as far as this run can judge it, at this run's size. Every
statement puts a difference in a region: it is reproduced where the interval that the seeds give
lies inside, not reproduced where it lies outside, and undecided otherwise; with one seed there is
no interval. A claim that compares a cell at several ratios, snapshots or epochs holds if it holds
for each; they are a family, whose p values are corrected for the number of comparisons (Holm).
Bytes, operations and parameters are counted exactly.
"""
CLAIMS = [*accuracy.CLAIMS, *rankings.CLAIMS, *costs.CLAIMS]
COLUMNS = (
    *("claim", "source", "model", "dataset", "cell", "against"),
    *("statement", "measured", "verdict", "evidence"),
)


def make(jobs: list[Job], table1: pd.DataFrame, rule: VerdictSettings) -> pd.DataFrame:
    """Return a row for each claim and cell.

    A claim that cannot be judged has one row, which says what is missing.
    """
    made = [
        row
        for group, found in collect(jobs, table1).items()
        for row in rows(CLAIMS, found, rule, **group._asdict())
    ]
    return pd.DataFrame(made, columns=pd.Index(COLUMNS))
