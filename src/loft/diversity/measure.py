"""Gradient diversity and the batch sizes that it allows (Yin et al., 2017, Definitions 1 and 2).

Legend: n samples i, weights w, per-sample gradients g_i(w) (d,); diversity
Delta(w) = sum_i ||g_i||^2 / ||sum_i g_i||^2, and the batch-size bound B(w) = n Delta(w).
BatchNorm in training mode mixes samples, so that no g_i exists: give it fixed statistics
(evaluation mode), or use GroupNorm.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.modules.batchnorm import _BatchNorm

Loss = Callable[[Tensor, Tensor], Tensor]  # outputs (b, ...), targets (b, ...) -> their sum ()
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Diversity:
    """What Definition 1 or 2 is made of.

    Attributes:
        samples: n.
        squares: sum_i ||g_i||^2.
        together: ||sum_i g_i||^2.
    """

    samples: int
    squares: float
    together: float

    @property
    def diversity(self) -> float:
        """Delta; infinite where the gradients cancel, no number where all are zero."""
        if self.together == 0:
            return math.inf if self.squares > 0 else math.nan
        return self.squares / self.together

    @property
    def bound(self) -> float:
        """B = n Delta: batches up to about it keep serial SGD's progress for each gradient."""
        return self.samples * self.diversity


@dataclass(frozen=True)
class Estimate:
    """Diversity estimated from m of n samples, drawn without replacement.

    Attributes:
        found: unbiased estimates of Definition 1's numerator and denominator, for all n.
        error: standard error of their ratio, by the delta method; 0 where m = n, infinite where
            the denominator is not told from 0 by two of its own errors.
    """

    found: Diversity
    error: float


class PerSample:
    """A network's gradients, sample by sample.

    Args:
        model: in the mode in which it is to be measured.
        loss: of outputs and targets, summed over the batch.
        memory: bytes that the gradients and saved activations of a chunk may take, about.

    Attributes:
        weights: the network's trained parameters by name, themselves.

    Raises:
        ValueError: the network has BatchNorm in training mode.
    """

    def __init__(self, model: nn.Module, loss: Loss, memory: int = 2**28) -> None:
        if any(isinstance(part, _BatchNorm) and part.training for part in model.modules()):
            raise ValueError("BatchNorm in training mode has no per-sample gradients")
        self.model, self.loss, self.memory = model, loss, memory
        self._sizes: dict[torch.Size, int] = {}  # of chunks, by the shape of an input
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.weights = {name: p.detach() for name, p in trained.items()}

    def chunks(
        self, inputs: Tensor, targets: Tensor, weights: Weights | None = None
    ) -> Iterator[Tensor]:
        """Yield gradients (b, d) of a chunk of samples after the other, in their order.

        Args:
            inputs, targets: (n, ...).
            weights: other than the network's own, by name.
        """
        at = self.weights if weights is None else weights

        def of_one(w: Weights, x: Tensor, y: Tensor) -> Tensor:
            return self.loss(functional_call(self.model, w, (x[None],)), y[None])

        size = self._chunk(inputs, targets)
        for x, y in zip(torch.split(inputs, size), torch.split(targets, size), strict=True):
            found = vmap(grad(of_one), in_dims=(None, 0, 0))(at, x, y)
            yield torch.cat([part.flatten(1) for part in found.values()], 1)

    def _chunk(self, inputs: Tensor, targets: Tensor) -> int:
        """Return how many samples fit into the memory."""
        shape = inputs.shape[1:]
        if shape not in self._sizes:
            size = sum(w.numel() * w.element_size() for w in self.weights.values())
            needed = 5 * size + self._saved(inputs[:1], targets[:1])  # with surrogates' draws
            self._sizes[shape] = max(1, self.memory // needed)
        return self._sizes[shape]

    def _saved(self, inputs: Tensor, targets: Tensor) -> int:
        """Return the bytes that a backward pass keeps."""
        kept = 0

        def count(tensor: Tensor) -> Tensor:
            nonlocal kept
            kept += tensor.numel() * tensor.element_size()
            return tensor

        with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(count, lambda t: t):
            self.loss(self.model(inputs), targets)
        return kept


def exact(chunks: Iterable[Tensor]) -> Diversity:
    """Return the diversity of gradients that come in chunks (b, d) (Definition 1)."""
    samples, squares, total = 0, 0.0, torch.zeros((), dtype=torch.float64)
    for chunk in chunks:
        samples += len(chunk)
        squares += float(chunk.square().sum(dtype=torch.float64))
        total = total + chunk.sum(0, dtype=torch.float64)
    return Diversity(samples, squares, float(total.square().sum()))


def differential(one: Iterable[Tensor], other: Iterable[Tensor]) -> Diversity:
    """Return differential diversity (Definition 2).

    Args:
        one, other: chunks of gradients of the same samples at w and at w'.
    """
    return exact(at - at_other for at, at_other in zip(one, other, strict=True))


def estimate(
    gradients: PerSample, inputs: Tensor, targets: Tensor, count: int, random: torch.Generator
) -> Estimate:
    """Estimate Definition 1 over n samples from `count` of them, drawn without replacement.

    With a the mean of ||g_i||^2 over the m drawn and u that of <g_i, g_j> over pairs, n a and
    n a + n (n - 1) u are unbiased. To first order a sample moves u by 2 (h_i - u), where h_i is its
    mean inner product with the others; h_i's own noise makes the error larger, never smaller.

    Raises:
        ValueError: `count` is not between 2 and n.
    """
    n, m = len(inputs), count
    if not 2 <= m <= n:
        raise ValueError(f"count: found {m}; expected 2 to {n}")
    drawn = torch.randperm(n, generator=random)[:m]
    x, y = inputs[drawn], targets[drawn]
    norms, total = [], torch.zeros((), dtype=torch.float64)
    for chunk in gradients.chunks(x, y):
        norms.append(chunk.square().sum(1, dtype=torch.float64))
        total = total + chunk.sum(0, dtype=torch.float64)
    again = [chunk.double() @ total for chunk in gradients.chunks(x, y)]  # rather than keep them
    return from_sample(torch.cat(norms), torch.cat(again), n)


def from_sample(squares: Tensor, inner: Tensor, n: int) -> Estimate:
    """Return the estimate for n samples from those drawn.

    Args:
        squares: ||g_i||^2 (m,).
        inner: <g_i, sum of those drawn> (m,).
        n: how many samples there are.
    """
    m = len(squares)
    others = (inner - squares) / (m - 1)  # h_i
    a, u = float(squares.mean()), float(others.mean())
    whole = a + (n - 1) * u
    found = Diversity(n, n * a, n * whole)
    moved_a, moved_u = squares - a, 2 * (others - u)  # by a sample, to first order
    if whole <= 2 * _error(moved_a + (n - 1) * moved_u, n):
        return Estimate(found, math.inf)
    return Estimate(found, _error((n - 1) * (u * moved_a - a * moved_u) / whole**2, n))


def _error(influence: Tensor, n: int) -> float:
    """Return the standard error of a mean of m of n values, drawn without replacement."""
    m = len(influence)
    return math.sqrt(float(influence.square().sum()) / (m - 1) / m * (1 - m / n))
