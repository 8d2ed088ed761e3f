"""Make the table of distances and losses by iteration."""

import numpy as np
import pandas as pd

from loft.theorem1.measurements import CELL, LOSSES, TERMS, Jobs, of_kind

TITLE = "Distances and losses by iteration"
CAPTION = """
Both distances and the losses of LoFT and of gradient descent along the iterations, beside the loss
that falls at the rate of Corollary 1's proof.
"""


def make(jobs: Jobs) -> pd.DataFrame:
    """Return distances and losses by iteration, and the loss that Corollary 1's rate gives."""
    parts = []
    for line in of_kind(jobs, "curve"):
        part = pd.DataFrame({"t": line["at"]})
        for name in CELL[::-1]:
            part.insert(0, name, line[name])
        for term in TERMS:
            part[term] = np.mean(line[term], axis=0)
        for name in LOSSES:
            part[name] = line[name]
        part["rate_loss"] = line["descent_loss"][0] * line["rate"] ** part["t"]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
