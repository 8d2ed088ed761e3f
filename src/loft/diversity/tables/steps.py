"""Make the table of the tuned steps."""

import pandas as pd

from loft.diversity.measurements import Jobs, of_kind

TITLE = "Steps"
CAPTION = """
The tuned step of every configuration; ``edge`` says that it is at an end of those tried.
"""


def make(jobs: Jobs) -> pd.DataFrame:
    """Return the tuned step of every configuration; `edge`: it is the first or last one tried."""
    columns = ["model", "mechanism", "replication", "batch", "step", "edge"]
    rows = [{name: line[name] for name in columns} for line in of_kind(jobs, "tuned")]
    return pd.DataFrame(rows, columns=columns).sort_values(columns[:4], ignore_index=True)
