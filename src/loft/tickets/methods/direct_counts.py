"""Count what LoFT's direct exchange sends, and the least that its rounds need, from shapes.

`Direct` of `aggregation` does what is counted here.
"""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from loft.tickets.methods.convention import FLOAT, Pretraining
from loft.tickets.methods.counting import numbers
from loft.tickets.methods.filter_sets import common, left_out
from loft.tickets.network.blocks import Filters, moves_with, partitioned

if TYPE_CHECKING:
    from loft.tickets.methods.loft import Loft


def direct(pretraining: Pretraining) -> float:
    """Return the numbers sent: shared tensors in a ring each round, and filters that change hands.

    Before the first round the networks come from rank 0; each epoch it collects the filters. It
    also keeps those that no worker has in a round.
    """
    shared, moving = _travelling(pretraining)
    first = sum(shared + moving(filters) for filters in _partition(pretraining, 0)[1:])
    floats = first + minimum(pretraining) / FLOAT
    per_epoch = int(pretraining.rounds) // pretraining.epochs
    for epoch in range(1, pretraining.epochs + 1):
        held = _partition(pretraining, epoch * per_epoch)
        floats += sum(moving(filters) for filters in held[1:])
    return floats


def minimum(pretraining: Pretraining) -> float:
    """Return the fewest bytes that LoFT's rounds need to cross workers.

    Averaging n numbers over S workers takes 2 (S - 1) n of them in all, and a filter that changes
    hands is sent at least once.
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
    """Return the filters that are with each worker in a round; rank 0 has those left out too."""
    partition = _partition(pretraining, number)
    held = [[filters] for filters in partition]
    held[0].append(left_out(partition, pretraining.network(None).state_dict()))
    return held


def _travelling(pretraining: Pretraining) -> tuple[int, Callable[[Filters], int]]:
    """Return the floats that workers share, and what counts those that move with some filters."""
    network = pretraining.network(None)
    paths = partitioned(network)
    each = dict.fromkeys(paths, 0)  # floats that move with one filter of a block
    shared = 0
    for name in cast("Loft", pretraining.method).exchanged(network):
        size, move = numbers(network, [name]), moves_with(name, paths)
        if move is None:
            shared += size
        else:
            each[move[0]] += size // paths[move[0]]

    def moving(filters: Filters) -> int:
        return sum(each[path] * len(chosen) for path, chosen in filters.items())

    return shared, moving
