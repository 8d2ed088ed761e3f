"""Choose the filters that stay in structured pruning (LoFT section 6).

In every pruned block the first convolution's filters with the lowest scores are removed, and with
each filter all that belongs to it (`network.blocks`). The paper's criterion is the l2 norm.
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

    The number that stays is rounded up to a multiple of `multiple`, at most to all filters.
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
        seed: the run's seed, for a random criterion.
        multiple: the number of filters that stay is rounded up to a multiple of this.
    """
    worth, random = criterion(by), stream("prune", seed)
    kept = {}
    for path, filters in blocks.items():
        order = ranking(worth(state[f"{path}.conv1.weight"], random))
        best = order[: filters - removed(filters, ratio, multiple)].copy()
        kept[path] = torch.from_numpy(best).sort().values
    return kept
