"""Structured pruning: filters of small norm are removed, physically (LoFT section 6).

In every pruned block the bottom fraction of the first convolution's filters by l2 norm goes, and
with each filter what `blocks` says moves with it.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from loft.tickets.blocks import Filters
from loft.tickets.norms import filter_norms
from loft.tickets.ranking import ranking


def removed(filters: int, ratio: float) -> int:
    """Return how many of a layer's filters a pruning ratio removes; at least one stays."""
    return min(math.floor(filters * ratio + 1e-9), filters - 1)


def surviving(state: Mapping[str, Tensor], blocks: Mapping[str, int], ratio: float) -> Filters:
    """Choose the filters that stay: block path -> indices (k,), int64, ascending.

    Args:
        state: the network's weights.
        blocks: the blocks to prune and their numbers of filters.
        ratio: fraction of filters to remove, in [0, 1).
    """
    weights = {name: state[name] for name in (f"{path}.conv1.weight" for path in blocks)}
    norms = filter_norms(weights, "l2")
    kept = {}
    for path, filters in blocks.items():
        order = ranking(norms[f"{path}.conv1"])
        best = order[: filters - removed(filters, ratio)].copy()
        kept[path] = torch.from_numpy(best).sort().values
    return kept
