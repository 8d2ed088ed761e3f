"""Draw partitions of filters and merge trained parts: LoFT's `filterPartition` and `aggregate`.

Legend: S workers; F_i the filters of a block's first convolution, permuted and chunked into S
disjoint sets; the second convolution's input channels follow them (section 4, Figure 2).
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from loft.core.seeding import stream
from loft.tickets.network.blocks import Filters, moves_with


def draw(seed: int, round_number: int, filters: Mapping[str, int], workers: int) -> list[Filters]:
    """Draw a random disjoint partition of every block's filters among the workers.

    Worker s gets the same number of filters in every round, filters // S or one more.

    Args:
        seed: of the run.
        round_number: the synchronisation round t, from 0.
        filters: number of filters by block path.
        workers: S.

    Returns:
        For each worker, block path -> indices (k,), int64, ascending.
    """
    random = stream("partition", seed, round_number)
    parts: list[dict[str, Tensor]] = [{} for _ in range(workers)]
    for path, count in filters.items():
        order = torch.from_numpy(random.permutation(count))
        for part, chunk in zip(parts, order.tensor_split(workers), strict=True):
            part[path] = chunk.sort().values
    return list(parts)


def shares(filters: Mapping[str, int], workers: int, worker: int) -> dict[str, int]:
    """Return how many filters of each block one worker's network has."""
    return {path: count // workers + (worker < count % workers) for path, count in filters.items()}


def aggregate(
    whole: dict[str, Tensor],
    parts: Iterable[tuple[Mapping[str, Tensor], Filters]],
    workers: int,
) -> None:
    """Put filters back into `whole` and average what the workers share.

    Args:
        whole: tensors of the full network by name, overwritten. Names in no part are left alone.
        parts: each worker's tensors and its filters, in order of rank. They are read one at a time,
            so that only one worker's network is in memory.
        workers: S.
    """
    for number, (part, kept) in enumerate(parts):
        for name, tensor in part.items():
            move = moves_with(name, kept)
            if move is not None:
                whole[name].index_copy_(move[1], kept[move[0]], tensor)
            elif number == 0:
                whole[name].copy_(tensor)
            else:
                whole[name].add_(tensor)
            if move is None and number == workers - 1:
                whole[name].div_(workers)
