"""What pretraining costs in communication, computed from shapes.

Two accounts of the same training: what this project's protocols send (`bytes_sent`, which the
workers' own counts must equal) and the convention behind Table 1's column (`paper_bytes`), which
the paper does not state; it was decoded from the printed numbers.

Legend: S workers, N synchronisations, T iterations, B images a batch, A floats of one image's
activation at a cut; W_part what LoFT partitions, W_sh the other 3x3 convolutions inside blocks,
O everything else that is trained.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from torch import nn

from loft import models
from loft.tickets.blocks import moves_with, partitioned
from loft.tickets.cuts import boundaries, cuts
from loft.tickets.jobs import LocalSgdOptions, LoftOptions, PretrainJob
from loft.tickets.partition import shares
from loft.tickets.transfer import MOMENTUM, merged, whole

FLOAT = 4  # bytes


@dataclass(frozen=True)
class Pretraining:
    """A pretraining as the ledger sees it.

    Attributes:
        job: its settings.
        channels, size, classes: of the images.
        iterations: steps of a worker in an epoch.
    """

    job: PretrainJob
    channels: int
    size: int
    classes: int
    iterations: int

    def network(self, filters: Mapping[str, int] | None = None) -> nn.Sequential:
        """Return the network, or one with fewer filters, without values."""
        model = self.job.model
        return models.build(model.name, model.width, self.channels, self.classes, filters)

    @property
    def image(self) -> tuple[int, int, int]:
        return (self.channels, self.size, self.size)

    @property
    def steps(self) -> int:
        """T."""
        return self.job.epochs * self.iterations

    def synchronisations(self, local_iterations: int) -> int:
        """N. A round ends after `local_iterations` steps and at the end of an epoch."""
        return self.job.epochs * math.ceil(self.iterations / local_iterations)


def bytes_sent(pretraining: Pretraining) -> int:
    """Return the payload that all workers together send, each transfer counted once."""
    return _SENT[pretraining.job.method](pretraining)


def paper_bytes(pretraining: Pretraining) -> float:
    """Return the cost in the convention of Table 1, at this pretraining's own sizes."""
    return _PAPER[pretraining.job.method](pretraining)


def _floats(network: nn.Module, names: Iterable[str]) -> int:
    """Count the numbers in tensors of these names; a momentum buffer has its parameter's."""
    state = network.state_dict()
    return sum(state[name.removeprefix(MOMENTUM)].numel() for name in names)


def _loft_sent(pretraining: Pretraining) -> int:
    """Each round every worker but rank 0, which coordinates, receives its network and sends it."""
    options, workers = pretraining.job.options, pretraining.job.workers
    assert isinstance(options, LoftOptions)
    paths = partitioned(pretraining.network())
    networks = [pretraining.network(shares(paths, workers, worker)) for worker in range(1, workers)]
    floats = sum(_floats(network, merged(network, options, paths)) for network in networks)
    return FLOAT * pretraining.synchronisations(options.local_iterations) * 2 * floats


def _local_sgd_sent(pretraining: Pretraining) -> int:
    """Each round a ring all-reduce: every worker sends 2 (S - 1) / S of the network."""
    options, workers = pretraining.job.options, pretraining.job.workers
    assert isinstance(options, LocalSgdOptions)
    network = pretraining.network()
    floats = _floats(network, merged(network, options))
    each = 2 * (workers - 1) * FLOAT * floats // workers
    return pretraining.synchronisations(options.local_iterations) * workers * each


def _gpipe_sent(pretraining: Pretraining) -> int:
    """Each step activations forward and gradients back; each epoch the stages go to rank 0."""
    workers, batch = pretraining.job.workers, pretraining.job.sgd.batch_size
    network = pretraining.network()
    crossing = boundaries(network, workers, batch, pretraining.image)[1:-1]
    steps = pretraining.steps * 2 * sum(tensor.numel() for tensor in crossing)
    first = tuple(f"{path}." for path in cuts(network, workers)[0])
    gathered = _floats(network, (name for name in whole(network) if not name.startswith(first)))
    return FLOAT * (steps + pretraining.job.epochs * gathered)


_SENT: dict[str, Callable[[Pretraining], int]] = {
    "dense": lambda _: 0,
    "gpipe": _gpipe_sent,
    "local_sgd": _local_sgd_sent,
    "loft": _loft_sent,
}


def shared_parts(network: nn.Sequential) -> tuple[int, int, int]:
    """Return (W_part, W_sh, O) of a network in floats.

    O counts a BatchNorm of the last group's channels after the last block, which the printed
    numbers have for every network and these networks lack.
    """
    paths = partitioned(network)
    part = shared = other = 0
    for name, tensor in network.named_parameters():
        if moves_with(name, paths):
            part += tensor.numel()
        elif tensor.ndim == 4 and tensor.shape[-1] == 3 and name != "stem.weight":
            shared += tensor.numel()
        else:
            other += tensor.numel()
    channels = network.get_parameter("head.linear.weight").shape[1]
    return part, shared, other + 2 * channels


def _loft_paper(pretraining: Pretraining) -> float:
    """4 N (S (2 W_sh + O) + 2 W_part)."""
    options = pretraining.job.options
    assert isinstance(options, LoftOptions)
    part, shared, other = shared_parts(pretraining.network())
    rounds = pretraining.synchronisations(options.local_iterations)
    return FLOAT * rounds * (pretraining.job.workers * (2 * shared + other) + 2 * part)


def _local_sgd_paper(pretraining: Pretraining) -> float:
    """4 N S (2 W_sh + 2 W_part + O)."""
    options = pretraining.job.options
    assert isinstance(options, LocalSgdOptions)
    part, shared, other = shared_parts(pretraining.network())
    rounds = pretraining.synchronisations(options.local_iterations)
    return FLOAT * rounds * pretraining.job.workers * (2 * shared + 2 * part + other)


def _gpipe_paper(pretraining: Pretraining) -> float:
    """4 T (B + 1) times the sum over cuts of A."""
    workers, batch = pretraining.job.workers, pretraining.job.sgd.batch_size
    crossing = boundaries(pretraining.network(), workers, 1, pretraining.image)[1:-1]
    return FLOAT * pretraining.steps * (batch + 1) * sum(tensor.numel() for tensor in crossing)


_PAPER: dict[str, Callable[[Pretraining], float]] = {
    "dense": lambda _: 0.0,
    "gpipe": _gpipe_paper,
    "local_sgd": _local_sgd_paper,
    "loft": _loft_paper,
}
