"""List the pruning criteria by name; a criterion scores the filters of a convolution.

A criterion is a file in this folder with a function `worth`, and a line in `CRITERIA`. It takes a
convolution's weight (filters, channels, height, width) and a random generator, and returns a score
of each filter (filters,). The filters with the lowest scores are pruned.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from loft.core.settings.lookup import load

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

CRITERIA = {
    "l2": "loft.tickets.pruning.criteria.l2:worth",
    "random": "loft.tickets.pruning.criteria.random:worth",
}


def criterion(name: str) -> "Callable[[Tensor, np.random.Generator], Tensor]":
    """Return the function of a criterion."""
    worth: Callable[[Tensor, np.random.Generator], Tensor]
    worth = load(CRITERIA[name])
    return worth
