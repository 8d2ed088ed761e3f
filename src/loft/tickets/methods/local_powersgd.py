"""Local SGD whose changes are compressed by PowerSGD (Vogels et al., 2019), with error feedback.

Every weight of two and more dimensions is a matrix M of n rows, one for each output channel, and m
columns. One step of a power iteration finds a matrix of rank r near the workers' mean M: workers
average P = M Q and then Q = M^T P (Algorithm 1), r (n + m) numbers in place of n m. Each round
starts from the Q of the round before. What the compression loses of a worker's change is added to
its next change (Algorithm 2). A matrix that would not become smaller travels as it is.

PowerSGD compresses the gradient of every step; here it is the change of a round. The lost part of a
worker's change is M - P Q_w^T with the worker's own Q_w, as Algorithm 2 has it. The mean over
workers is the same with the averaged Q, which the authors' code takes.

Legend: M (n, m) a change, P (n, r) orthonormal columns, Q (m, r), r the rank.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import PositiveInt

from loft.core.settings.keys import key
from loft.tickets.methods.compressed_averages import CompressedAverages, CompressedWorker
from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.interface import Look, RunFacts, Setup, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import Tensor, nn

    from loft.tickets.methods.worker import Worker


class LocalPowerSgdWorker(CompressedWorker):
    """A worker that sends factors of its change, and keeps what they lose."""

    _options: LocalPowerSgd

    def __init__(self, setup: Setup) -> None:
        import torch

        super().__init__(setup)
        rank = self._options.rank
        shapes = [_shape(self.learner.model.get_parameter(name)) for name in self._compressed]
        self._error = torch.zeros_like(self._theta)
        self._matrices = _as_matrices(self._error, shapes)  # views of the error
        self._factors = first_factors(shapes, rank, setup.seed, self._theta.device)

    def _kept(self) -> dict[str, Tensor]:
        factors = {f"factor{number}": factor for number, factor in enumerate(self._factors)}
        return super()._kept() | {"error": self._error} | factors

    def _mean_change(self, change: Tensor) -> Tensor:
        from loft.tickets.methods.transfer import pack

        self._error.add_(change)  # the change and what earlier rounds lost of it
        low = compress(self._matrices, self._factors, self.workers.average)
        return pack({str(number): matrix for number, matrix in enumerate(low)})


def compress(
    matrices: list[Tensor], factors: list[Tensor], average: Callable[[Tensor], Tensor]
) -> list[Tensor]:
    """Return the low-rank mean of the workers' matrices (Algorithm 1): P Q^T of each.

    Args:
        matrices: this worker's M (n, m); in place they become what is lost of them.
        factors: Q (m, r) of the last round, the same on all workers; in place it becomes this
            round's.
        average: returns the mean of a packed tensor over all workers.
    """
    import torch

    left = [matrix @ factor for matrix, factor in zip(matrices, factors, strict=True)]
    _averaged(left, average)
    left = [torch.linalg.qr(p).Q for p in left]  # the same on all workers, as the averages are
    for matrix, p, factor in zip(matrices, left, factors, strict=True):
        torch.mm(matrix.T, p, out=factor)
        matrix.sub_(p @ factor.T)
    _averaged(factors, average)
    return [p @ factor.T for p, factor in zip(left, factors, strict=True)]


def _averaged(tensors: list[Tensor], average: Callable[[Tensor], Tensor]) -> None:
    """Replace tensors by their means over all workers, in one message."""
    from loft.tickets.methods.transfer import pack, unpack

    named = {str(number): tensor for number, tensor in enumerate(tensors)}
    unpack(average(pack(named)), named)


def first_factors(
    shapes: list[tuple[int, int]], rank: int, seed: int, device: torch.device
) -> list[Tensor]:
    """Draw the first Q (m, r) of matrices (n, m): standard normal, the same on all workers."""
    import torch

    from loft.core.seeding import stream

    random = stream("powersgd", seed)
    return [
        torch.from_numpy(random.standard_normal((columns, rank), dtype="float32")).to(device)
        for _, columns in shapes
    ]


def _shape(weight: Tensor) -> tuple[int, int]:
    """Return rows and columns of a weight as a matrix."""
    return weight.shape[0], weight[0].numel()


def _as_matrices(flat: Tensor, shapes: list[tuple[int, int]]) -> list[Tensor]:
    """Return views of a packed tensor as matrices."""
    import torch

    parts = torch.split(flat, [rows * columns for rows, columns in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


class LocalPowerSgd(CompressedAverages):
    """Local SGD with changes of low rank."""

    look = Look("Local SGD with PowerSGD", colour="#e7298a", mark=">")

    rank: PositiveInt = key(
        2,
        "rank of the matrices that stand for the workers' changes",
        source="PowerSGD (Vogels et al., 2019), section 5",
    )

    def worker(self, setup: Setup) -> Worker:
        return LocalPowerSgdWorker(setup)

    def conflicts(self, run: RunFacts) -> Iterator[str]:
        if self.rank >= run.narrowest:
            yield (
                f"rank: found {self.rank}; expected less than {run.narrowest}, the filters of the "
                "narrowest partitioned block"
            )

    def compressed(self, network: nn.Module) -> list[str]:
        """Return the matrices whose factors are smaller than they are."""
        return [name for name, weight in network.named_parameters() if self._shrinks(weight)]

    def _shrinks(self, weight: Tensor) -> bool:
        if weight.ndim < 2:
            return False
        rows, columns = _shape(weight)
        return self.rank * (rows + columns) < rows * columns

    def compressed_bytes(self, network: nn.Module, workers: int) -> float:
        """Both factors of every matrix are averaged."""
        shapes = [_shape(weight) for weight in network.parameters() if self._shrinks(weight)]
        floats = sum(self.rank * (rows + columns) for rows, columns in shapes)
        return 2 * (workers - 1) * FLOAT * floats

    def kept_bytes(self, network: nn.Sequential) -> int:
        """Every worker keeps theta, what was lost, and the factors Q."""
        shapes = [_shape(weight) for weight in network.parameters() if self._shrinks(weight)]
        floats = sum(2 * rows * columns + self.rank * columns for rows, columns in shapes)
        return FLOAT * floats

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """The change, and its matrices of low rank."""
        return 2 * FLOAT * own.parameters
