"""Make the table of diversity before and after training."""

import pandas as pd

from loft.diversity.measurements import Jobs, of_kind

TITLE = "Diversity"
CAPTION = """
Gradient diversity (Definition 1) before and after training, and the bound on the batch size,
without and with the mechanism.
"""


def make(jobs: Jobs) -> pd.DataFrame:
    """Return Definition 1 before and after training, and the bound with the mechanism."""
    columns = ["model", "mechanism", "replication", "when", "samples", "measured", "diversity"]
    columns += ["error", "bound", "mechanism_bound"]
    rows = [{name: line[name] for name in columns} for line in of_kind(jobs, "diversity")]
    table = pd.DataFrame(rows, columns=columns)
    table["when"] = pd.Categorical(table["when"], ["start", "end"])
    return table.sort_values(columns[:4], ignore_index=True)
