"""Structured pruning: filters of little worth are removed, physically (LoFT section 6).

In every pruned block the bottom fraction of the first convolution's filters by a criterion, the
paper's being the l2 norm, goes, and with each filter what `blocks` says moves with it.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from loft.core.seeding import stream
from loft.tickets.network.blocks import Filters
from loft.tickets.pruning.criteria import criterion
from loft.tickets.pruning.ranking import ranking


def removed(filters: int, ratio: float, multiple: int = 1) -> int:
    """Return how many of a layer's filters a pruning ratio removes; at least one stays.

    Those that stay are rounded up to a multiple of `multiple`, or are all.
    """
    stay = max(filters - math.floor(filters * ratio + 1e-9), 1)
    return filters - min(math.ceil(stay / multiple) * multiple, filters)


def surviving(
    state: Mapping[str, Tensor],
    blocks: Mapping[str, int],
    ratio: float,
    by: str,
    seed: int,
    multiple: int = 1,
) -> Filters:
    """Choose the filters that stay: block path -> indices (k,), int64, ascending.

    Args:
        state: the network's weights.
        blocks: the blocks to prune and their numbers of filters.
        ratio: fraction of filters to remove, in [0, 1).
        by: name of the criterion.
        seed: of the run, for a criterion that leaves it to chance.
        multiple: of which the numbers of filters that stay are to be.
    """
    worth, random = criterion(by), stream("prune", seed)
    kept = {}
    for path, filters in blocks.items():
        order = ranking(worth(state[f"{path}.conv1.weight"], random))
        best = order[: filters - removed(filters, ratio, multiple)].copy()
        kept[path] = torch.from_numpy(best).sort().values
    return kept
