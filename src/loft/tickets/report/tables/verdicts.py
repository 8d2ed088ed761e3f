"""Make the table of verdicts on Table 1: all comparisons with printed accuracies."""

import pandas as pd

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job
from loft.tickets.report.verdicts.printed_accuracies import comparisons

TITLE = "Verdicts on Table 1"
CAPTION = """
Every difference of accuracies that the paper's Table 1 states and this run measured, in points: as
printed, as measured, the interval that the seeds give (infinite with one seed), and the verdict.
At the paper's size the difference is from the printed value; at other sizes it is LoFT's from a
baseline with as many workers.
"""


def make(jobs: list[Job], rule: VerdictSettings) -> pd.DataFrame:
    """Return a row for each comparison with printed accuracies."""
    return comparisons(jobs, rule)
