"""Make the table of verdicts on the paper's claims beside Table 1 (sections 3, 4 and 6)."""

from typing import Any

import pandas as pd

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job
from loft.tickets.report.verdicts.claims import accuracy, costs, rankings
from loft.tickets.report.verdicts.claims.claim import Judged
from loft.tickets.report.verdicts.measurements import collect

TITLE = "Claims"
CAPTION = """
What the paper says beside Table 1, as far as this run can judge it, at this run's size. Every
statement puts a difference in a region: it is reproduced where the interval that the seeds give
lies inside, not reproduced where it lies outside, and underpowered otherwise; with one seed there
is no interval. Bytes and parameters are counted exactly.
"""
CLAIMS = [*accuracy.CLAIMS, *rankings.CLAIMS, *costs.CLAIMS]
NOT_JUDGED = "not judged"
COLUMNS = (
    *("claim", "source", "model", "dataset", "cell", "against"),
    *("statement", "measured", "verdict", "evidence"),
)


def make(jobs: list[Job], table1: pd.DataFrame, rule: VerdictSettings) -> pd.DataFrame:
    """Return a row for each claim and cell.

    A claim that cannot be judged has one row, which says what is missing.
    """
    rows = []
    for group, found in collect(jobs, table1).items():
        for claim in CLAIMS:
            missing = Judged("", "", "", NOT_JUDGED, f"needs {claim.needs}")
            for judged in [*claim.judge(found, rule)] or [missing]:
                row: dict[str, Any] = {"claim": claim.name, "source": claim.source}
                row |= {**group._asdict(), "statement": claim.statement, **judged._asdict()}
                rows.append(row)
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))
