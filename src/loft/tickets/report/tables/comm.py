"""Make the table of the printed communication column and its prediction from shapes."""

import pandas as pd

from loft.tickets.communication.column import predictions

TITLE = "Communication, predicted"
CAPTION = """
The communication column of the paper's table, printed and predicted: gigabytes during pretraining,
and the error of the prediction in percent. Predicted from the shapes of networks by a convention
that was decoded from the printed numbers; the numbers of synchronisations are fitted. The same for
every run.
"""


def make() -> pd.DataFrame:
    """Return all 61 rows."""
    return predictions()
