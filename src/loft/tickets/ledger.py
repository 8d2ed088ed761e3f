"""What pretraining costs in communication, computed from shapes.

One account under two conventions: `PROTOCOL`, what this project's workers send and count, and
`PAPER`, the one behind Table 1's column, which the paper does not state; it was decoded from the
printed numbers.

Legend: S workers, N synchronisations, T iterations, B images a batch, A floats of one image's
activation at a cut; W_part what LoFT partitions, W_sh the other 3x3 convolutions inside blocks,
O everything else that is trained. The conventions are, in floats,

                PROTOCOL                                   PAPER
    LoFT        2 N ((S - 1) (W_sh + O) + W_part           N (S (2 W_sh + O) + 2 W_part)
                - worker 0's part of W_part)
    Local SGD   2 N (S - 1) (W_sh + W_part + O)            N S (2 W_sh + 2 W_part + O)
    GPipe       T (B + B) sum of A + the stages' weights   T (B + 1) sum of A

and in `PROTOCOL` running statistics and momentum where the options let them travel.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from torch import nn

from loft import models
from loft.core.config import ModelSettings
from loft.tickets.aggregation import common
from loft.tickets.blocks import Filters, moves_with, partitioned
from loft.tickets.cuts import boundaries, cuts
from loft.tickets.jobs import LocalSgdOptions, LoftOptions, PretrainJob
from loft.tickets.partition import draw, shares
from loft.tickets.transfer import MOMENTUM, merged, whole

FLOAT = 4  # bytes

NetworkOf = Callable[[Mapping[str, int] | None], nn.Sequential]  # filters -> network without values


@dataclass(frozen=True)
class Convention:
    """How transfers are counted.

    Attributes:
        coordinator_works: rank 0 is the centre of the star and worker 0, whose network stays; or
            the centre is none of the S workers.
        ways_of_the_rest: how often a round what is not a 3x3 convolution of a block travels, nor
            moves with one: there and back, or once.
        gradient_of_every_image: a pipeline sends back every image's gradient, or their mean.
        extras: running statistics, momentum buffers and collected stages are counted.
        last_norm: a BatchNorm after the last block is counted whether the network has one or not.
        classifier: the linear layer is counted.
    """

    coordinator_works: bool
    ways_of_the_rest: int
    gradient_of_every_image: bool
    extras: bool
    last_norm: bool
    classifier: bool


PROTOCOL = Convention(
    coordinator_works=True,
    ways_of_the_rest=2,
    gradient_of_every_image=True,
    extras=True,
    last_norm=False,
    classifier=True,
)
PAPER = Convention(
    coordinator_works=False,
    ways_of_the_rest=1,
    gradient_of_every_image=False,
    extras=False,
    last_norm=True,
    classifier=True,
)


@dataclass(frozen=True)
class Pretraining:
    """A pretraining as the ledger sees it.

    Attributes:
        method, workers: the cell; S workers.
        network: makes the network without values, with the given inner widths of blocks.
        image: shape (channels, height, width).
        batch: B.
        steps: T, of one worker.
        rounds: N.
        epochs: how often a pipeline's stages are collected.
        merging: says what travels when networks merge, beside their parameters.
        seed: of the run, from which partitions are drawn.
    """

    method: str
    workers: int
    network: NetworkOf
    image: tuple[int, int, int]
    batch: int
    steps: int
    rounds: float
    epochs: int
    merging: LocalSgdOptions | None
    seed: int


def networks(model: ModelSettings, channels: int, size: int, classes: int) -> NetworkOf:
    """Return what makes a model's networks, without values, for images of a shape."""

    about: dict[str, Any] = {**model.model_dump(), "channels": channels, "size": size}

    @cache
    def built(filters: tuple[tuple[str, int], ...]) -> nn.Sequential:
        return models.build(**about, classes=classes, filters=dict(filters))

    return lambda filters: built(tuple((filters or {}).items()))


def of_job(
    job: PretrainJob, channels: int, size: int, classes: int, iterations: int
) -> Pretraining:
    """Return the pretraining that a job does, `iterations` steps of a worker in an epoch.

    A round ends after `local_iterations` steps and at the end of an epoch.
    """
    merging = job.options if isinstance(job.options, LocalSgdOptions) else None
    return Pretraining(
        method=job.method,
        workers=job.workers,
        network=networks(job.model, channels, size, classes),
        image=(channels, size, size),
        batch=job.sgd.batch_size,
        steps=job.epochs * iterations,
        rounds=job.epochs * math.ceil(iterations / merging.local_iterations) if merging else 0,
        epochs=job.epochs,
        merging=merging,
        seed=job.seed,
    )


def transferred(pretraining: Pretraining, convention: Convention) -> float:
    """Return the bytes that all workers together send, each transfer counted once."""
    return FLOAT * _FLOATS[pretraining.method](pretraining, convention)


def _merging(pretraining: Pretraining, convention: Convention, partitions: bool) -> float:
    """Each round the networks of remote workers travel to rank 0 and back.

    A ring all-reduce of S networks sends as much as a star of S - 1: 2 (S - 1) networks.
    """
    merging = pretraining.merging
    if convention.extras and isinstance(merging, LoftOptions) and merging.aggregation == "direct":
        return _direct(pretraining)
    paths = partitioned(pretraining.network(None))
    floats = 0
    for worker in range(int(convention.coordinator_works), pretraining.workers):
        filters = shares(paths, pretraining.workers, worker) if partitions else None
        network = pretraining.network(filters)
        names = [name for name, _ in network.named_parameters()]
        if convention.extras:
            assert merging is not None
            names = merged(network, merging, paths)
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


def _partition(pretraining: Pretraining, number: int) -> list[Filters]:
    filters = partitioned(pretraining.network(None))
    return draw(pretraining.seed, number, filters, pretraining.workers)


def _travelling(pretraining: Pretraining) -> tuple[int, Callable[[Filters], int]]:
    """Return the floats that workers share, and what counts those that move with some filters."""
    assert pretraining.merging is not None
    network = pretraining.network(None)
    paths = partitioned(network)
    each = dict.fromkeys(paths, 0)  # floats that move with one filter of a block
    shared = 0
    for name in merged(network, pretraining.merging, paths):
        size, move = _floats(network, [name]), moves_with(name, paths)
        if move is None:
            shared += size
        else:
            each[move[0]] += size // paths[move[0]]

    def moving(filters: Filters) -> int:
        return sum(each[path] * len(chosen) for path, chosen in filters.items())

    return shared, moving


def _pipeline(pretraining: Pretraining, convention: Convention) -> float:
    """Each step activations go forward and gradients back; each epoch the stages go to rank 0."""
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


_FLOATS: dict[str, Callable[[Pretraining, Convention], float]] = {
    "dense": lambda _, __: 0,
    "gpipe": _pipeline,
    "local_sgd": partial(_merging, partitions=False),
    "loft": partial(_merging, partitions=True),
}
