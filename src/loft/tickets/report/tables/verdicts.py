"""Make the table of verdicts on Table 1: all comparisons with printed accuracies."""

import pandas as pd

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.job_lines import Job
from loft.tickets.report.verdicts.printed_accuracies import comparisons

TITLE = "Verdicts on Table 1"
CAPTION = """
Every difference of accuracies that the paper's Table 1 states and this run measured, in points: as
printed, as measured, and two intervals. ``low`` and ``high`` cover what seeds vary, on these test
images, and decide; ``low_images`` and ``high_images`` cover other test images too. With one seed
they are infinite. ``margin`` is the difference that counts as equal, ``comparisons`` how many the
row of Table 1 makes, and ``p`` the p value of the likelier word, corrected for that number (Holm).
At the paper's size the difference is from the printed value; at other sizes it is LoFT's from a
baseline with as many workers.
"""


def make(jobs: list[Job], rule: VerdictSettings, test_images: int | None) -> pd.DataFrame:
    """Return a row for each comparison with printed accuracies."""
    return comparisons(jobs, rule, test_images)
