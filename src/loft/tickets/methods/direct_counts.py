"""Count from shapes what LoFT's direct exchange sends, and the least that its rounds could send.

The exchange itself is `Direct` in `aggregation`.
"""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from loft.tickets.methods.convention import FLOAT, Pretraining
from loft.tickets.methods.counting import count_numbers
from loft.tickets.methods.filter_sets import common, left_out
from loft.tickets.network.blocks import Filters, moves_with, partitioned

if TYPE_CHECKING:
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
    after = _held(pretraining, 0)
    for number in range(int(pretraining.rounds)):
        before, after = after, _held(pretraining, number + 1)
        for giver, taker in itertools.permutations(range(pretraining.workers), 2):
            for given in before[giver]:
                floats += sum(moving(common(given, taken)) for taken in after[taker])
    return FLOAT * floats


def _partition(pretraining: Pretraining, number: int) -> list[Filters]:
    method = cast("Loft", pretraining.method)
    blocks = partitioned(pretraining.network(None))
    return method.partition(pretraining.seed, number, blocks, pretraining.workers)


def _held(pretraining: Pretraining, number: int) -> list[list[Filters]]:
    """Return the filters that each worker holds in a round; rank 0 also holds those left out."""
    partition = _partition(pretraining, number)
    held = [[filters] for filters in partition]
    held[0].append(left_out(partition, pretraining.network(None).state_dict()))
    return held


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
