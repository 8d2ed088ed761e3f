"""The pruning criteria, by name: how much each filter of a convolution is worth.

A criterion is a file in this folder with a function `worth` and a line in `CRITERIA`. It takes a
convolution's weight (filters, channels, height, width) and a random generator, and returns a number
for each filter (filters,); those of the least worth are pruned.
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
