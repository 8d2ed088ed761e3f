"""Choose the filters that stay in structured pruning (LoFT section 6).

In every pruned block the first convolution's filters with the lowest scores are removed, and with
each filter all that belongs to it (`network.blocks`). Every block loses the same ratio of its
filters, whatever the criterion. The paper's criterion is the l2 norm.
"""

import inspect
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from loft.core.seeding import stream
from loft.tickets.network.blocks import Filters, pruned
from loft.tickets.network.criteria import criterion
from loft.tickets.network.ranking import ranking


def removed(filters: int, ratio: float, multiple: int = 1) -> int:
    """Return how many of a layer's filters a pruning ratio removes; at least one stays.

    The number that stays is rounded up to a multiple of `multiple`, at most to all filters.
    """
    stay = max(filters - math.floor(filters * ratio + 1e-9), 1)
    return filters - min(math.ceil(stay / multiple) * multiple, filters)


def score(
    by: str,
    network: nn.Module,
    state: Mapping[str, Tensor],
    image: tuple[int, int, int],
    seed: int,
) -> dict[str, Tensor]:
    """Score the filters of all blocks that pruning narrows: block path -> scores (filters,).

    Args:
        by: name of the criterion. The names of its parameters say what it needs (`criteria`).
        network: the network; it may be on "meta", without values.
        state: its weights.
        image: shape (channels, height, width) of an image.
        seed: the run's seed, for a random criterion.
    """
    worth = criterion(by)
    wanted = inspect.signature(worth).parameters
    given = {"network": network, "state": state, "image": image, "random": stream("prune", seed)}
    scores = {}
    for path in pruned(network):
        own = {
            "path": path,
            "weight": state[f"{path}.conv1.weight"],
            "scale": state[f"{path}.between.weight"],
        }
        scores[path] = worth(**{name: (given | own)[name] for name in wanted})
    return scores


def surviving(scores: Mapping[str, Tensor], ratio: float, multiple: int = 1) -> Filters:
    """Choose the filters that stay: block path -> indices (k,), int64, ascending.

    Args:
        scores: of the filters of each block (filters,).
        ratio: fraction of filters to remove, in [0, 1).
        multiple: the number of filters that stay is rounded up to a multiple of this.
    """
    kept = {}
    for path, worth in scores.items():
        best = ranking(worth)[: len(worth) - removed(len(worth), ratio, multiple)].copy()
        kept[path] = torch.from_numpy(best).sort().values
    return kept
