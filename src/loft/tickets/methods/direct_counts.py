"""Count from shapes what LoFT's direct exchange sends, and the least that its rounds could send.

The exchange itself is `Direct` in `aggregation`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from loft.tickets.methods.convention import FLOAT, Pretraining
from loft.tickets.methods.counting import count_numbers
from loft.tickets.network.blocks import Filters, moves_with, partitioned

if TYPE_CHECKING:
    from torch import Tensor

    from loft.tickets.methods.loft import Loft


def count_direct(pretraining: Pretraining) -> float:
    """Count the floats sent by the direct exchange.

    Each round shared tensors are averaged in a ring and filters go to their new workers. Before the
    first round rank 0 sends the networks; it collects the filters once per epoch and keeps those
    that no worker has.
    """
    shared, moving = _travelling(pretraining)
    first = sum(shared + moving(filters) for filters in _partition(pretraining, 0)[1:])
    floats = first + least_bytes(pretraining) / FLOAT
    per_epoch = int(pretraining.rounds) // pretraining.epochs
    for epoch in range(1, pretraining.epochs + 1):
        held = _partition(pretraining, epoch * per_epoch)
        floats += sum(moving(filters) for filters in held[1:])
    return floats


def least_bytes(pretraining: Pretraining) -> float:
    """Return the fewest bytes that LoFT's rounds need to cross workers.

    Averaging n numbers over S workers sends 2 (S - 1) n numbers in total, and a filter that changes
    workers is sent at least once.
    """
    shared, moving = _travelling(pretraining)
    floats = 2 * (pretraining.workers - 1) * shared * pretraining.rounds
    after = _holders(pretraining, 0)
    for number in range(int(pretraining.rounds)):
        before, after = after, _holders(pretraining, number + 1)
        moved = {path: holders != after[path] for path, holders in before.items()}
        floats += moving({path: each.nonzero() for path, each in moved.items()})
    return FLOAT * floats


def _partition(pretraining: Pretraining, number: int) -> list[Filters]:
    method = cast("Loft", pretraining.method)
    blocks = partitioned(pretraining.network(None))
    return method.partition(pretraining.seed, number, blocks, pretraining.workers)


def _holders(pretraining: Pretraining, number: int) -> "dict[str, Tensor]":
    """Return the rank that holds each filter in a round; rank 0 also holds those left out.

    Returns:
        block path -> ranks (filters,), int64.
    """
    import torch

    blocks = partitioned(pretraining.network(None))
    found = {path: torch.zeros(count, dtype=torch.int64) for path, count in blocks.items()}
    for rank, filters in enumerate(_partition(pretraining, number)):
        for path, chosen in filters.items():
            found[path][chosen] = rank
    return found


def _travelling(pretraining: Pretraining) -> tuple[int, Callable[[Filters], int]]:
    """Return the number of shared floats, and a function that counts the floats of some filters."""
    network = pretraining.network(None)
    paths = partitioned(network)
    each = dict.fromkeys(paths, 0)  # floats that move with one filter of a block
    shared = 0
    for name in cast("Loft", pretraining.method).exchanged(network):
        size, move = count_numbers(network, [name]), moves_with(name, paths)
        if move is None:
            shared += size
        else:
            each[move[0]] += size // paths[move[0]]

    def moving(filters: Filters) -> int:
        return sum(each[path] * len(chosen) for path, chosen in filters.items())

    return shared, moving
