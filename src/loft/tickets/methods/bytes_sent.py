"""What the workers of each method send, computed from shapes: in float32 numbers.

Each account takes a pretraining and a convention (see `convention`, which has the formulas).
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from torch import nn

from loft.tickets.methods.aggregation import common
from loft.tickets.methods.convention import FLOAT, Convention, Pretraining
from loft.tickets.methods.options import LocalSgdOptions, LoftOptions
from loft.tickets.methods.partition import draw, shares
from loft.tickets.methods.pipeline_stages import boundaries, cuts
from loft.tickets.methods.transfer import MOMENTUM, merged, whole
from loft.tickets.network.blocks import Filters, moves_with, partitioned


def nothing(pretraining: Pretraining, convention: Convention) -> float:
    """One worker has no one to send to."""
    return 0


def averaging(pretraining: Pretraining, convention: Convention) -> float:
    """Local SGD: each round whole networks are averaged."""
    return _merging(pretraining, convention, partitions=False)


def partitioning(pretraining: Pretraining, convention: Convention) -> float:
    """LoFT: each round the workers' parts of the network are put together and drawn anew."""
    options = pretraining.options
    if convention.extras and isinstance(options, LoftOptions) and options.aggregation == "direct":
        return _direct(pretraining)
    return _merging(pretraining, convention, partitions=True)


def _merging(pretraining: Pretraining, convention: Convention, partitions: bool) -> float:
    """Each round the networks of remote workers travel to rank 0 and back.

    A ring all-reduce of S networks sends as much as a star of S - 1: 2 (S - 1) networks.
    """
    paths = partitioned(pretraining.network(None))
    floats = 0
    for worker in range(int(convention.coordinator_works), pretraining.workers):
        filters = shares(paths, pretraining.workers, worker) if partitions else None
        network = pretraining.network(filters)
        names = [name for name, _ in network.named_parameters()]
        if convention.extras:
            names = merged(network, _options(pretraining), paths if partitions else ())
        if not convention.classifier:
            names = [name for name in names if not name.startswith("head.linear.")]
        part, shared, rest = (_floats(network, group) for group in parts(names, paths))
        if convention.last_norm and not any(name.startswith("head.norm") for name in names):
            rest += 2 * network.get_parameter("head.linear.weight").shape[1]
        floats += 2 * (part + shared) + convention.ways_of_the_rest * rest
    return pretraining.rounds * floats


def parts(names: Iterable[str], paths: Mapping[str, int]) -> tuple[list[str], ...]:
    """Split names of tensors into those of W_part, W_sh and O; `paths`: the partitioned blocks."""
    part, shared, rest = [], [], []
    for name in names:
        if moves_with(name, paths):
            part.append(name)
        elif name.endswith((".conv1.weight", ".conv2.weight")):
            shared.append(name)
        else:
            rest.append(name)
    return part, shared, rest


def _direct(pretraining: Pretraining) -> float:
    """The shared tensors in a ring each round, and the filters that change hands.

    Before the first round the networks come from rank 0; each epoch it collects the filters.
    """
    shared, moving = _travelling(pretraining)
    remote = [moving(filters) for filters in _partition(pretraining, 0)[1:]]
    first = sum(shared + own for own in remote)
    return first + minimum(pretraining) / FLOAT + pretraining.epochs * sum(remote)


def minimum(pretraining: Pretraining) -> float:
    """Return the fewest bytes that LoFT's rounds need to cross workers.

    Averaging n numbers over S workers takes 2 (S - 1) n of them in all, and a filter that changes
    hands is sent at least once.
    """
    shared, moving = _travelling(pretraining)
    floats = 2 * (pretraining.workers - 1) * shared * pretraining.rounds
    after = _partition(pretraining, 0)
    for number in range(int(pretraining.rounds)):
        before, after = after, _partition(pretraining, number + 1)
        for giver, taker in itertools.permutations(range(pretraining.workers), 2):
            floats += moving(common(before[giver], after[taker]))
    return FLOAT * floats


def _options(pretraining: Pretraining) -> LocalSgdOptions:
    assert isinstance(pretraining.options, LocalSgdOptions)  # a run's settings are checked for it
    return pretraining.options


def _partition(pretraining: Pretraining, number: int) -> list[Filters]:
    filters = partitioned(pretraining.network(None))
    return draw(pretraining.seed, number, filters, pretraining.workers)


def _travelling(pretraining: Pretraining) -> tuple[int, Callable[[Filters], int]]:
    """Return the floats that workers share, and what counts those that move with some filters."""
    network = pretraining.network(None)
    paths = partitioned(network)
    each = dict.fromkeys(paths, 0)  # floats that move with one filter of a block
    shared = 0
    for name in merged(network, _options(pretraining), paths):
        size, move = _floats(network, [name]), moves_with(name, paths)
        if move is None:
            shared += size
        else:
            each[move[0]] += size // paths[move[0]]

    def moving(filters: Filters) -> int:
        return sum(each[path] * len(chosen) for path, chosen in filters.items())

    return shared, moving


def pipeline(pretraining: Pretraining, convention: Convention) -> float:
    """GPipe: each step activations go on and gradients back; each epoch stages go to rank 0."""
    workers, batch = pretraining.workers, pretraining.batch
    network = pretraining.network(None)
    back = batch if convention.gradient_of_every_image else 1
    crossing = _crossing(network, workers, pretraining.image)
    floats = pretraining.steps * (batch + back) * crossing
    if convention.extras:
        first = tuple(f"{path}." for path in cuts(network, workers)[0])
        others = (name for name in whole(network) if not name.startswith(first))
        floats += pretraining.epochs * _floats(network, others)
    return floats


@cache
def _crossing(network: nn.Sequential, stages: int, image: tuple[int, int, int]) -> int:
    """Return the sum of A over cuts."""
    return sum(tensor.numel() for tensor in boundaries(network, stages, 1, image)[1:-1])


def _floats(network: nn.Module, names: Iterable[str]) -> int:
    """Count the numbers in tensors of these names; a momentum buffer has its parameter's."""
    state = network.state_dict()
    return sum(state[name.removeprefix(MOMENTUM)].numel() for name in names)
