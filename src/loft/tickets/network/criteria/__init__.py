"""List the pruning criteria by name; a criterion scores the filters of a block.

A criterion is a file in this folder with a function `worth`, and a line in `CRITERIA`. It returns a
score of each filter of the block's first convolution (filters,). The filters with the lowest scores
are pruned. The names of its parameters say what it needs:

* `weight`: the convolution's weight (filters, channels, height, width)
* `scale`: gamma of the BatchNorm after it (filters,)
* `random`: a NumPy generator
* `path`, `network`, `state`, `image`: the block's path; the whole network, perhaps without values;
  its tensors by name; the shape (channels, height, width) of an image
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from loft.core.settings.lookup import load

if TYPE_CHECKING:
    from torch import Tensor

CRITERIA = {
    "l2": "loft.tickets.network.criteria.l2:worth",
    "random": "loft.tickets.network.criteria.random:worth",
    "early_bird": "loft.tickets.network.criteria.early_bird:worth",
    "synflow": "loft.tickets.network.criteria.synflow:worth",
}


def criterion(name: str) -> "Callable[..., Tensor]":
    """Return the function of a criterion."""
    worth: Callable[..., Tensor] = load(CRITERIA[name])
    return worth
