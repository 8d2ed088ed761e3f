"""Compute gradient diversity and its bound on batch sizes (Yin et al., 2017, Definitions 1 and 2).

Symbols: n samples i, weights w, per-sample gradients g_i(w) (d,); diversity
Delta(w) = sum_i ||g_i||^2 / ||sum_i g_i||^2, and the batch-size bound B(w) = n Delta(w).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from loft.core.training.sample_gradients import PerSample, Sums, sums


class Diversity(Sums):
    """Diversity by Definition 1 or 2, from sums over the gradients of n samples."""

    @property
    def diversity(self) -> float:
        """Delta; infinite if the gradients cancel, NaN if all are zero."""
        if self.together == 0:
            return math.inf if self.squares > 0 else math.nan
        return self.squares / self.together

    @property
    def bound(self) -> float:
        """B = n Delta: up to about this batch size a gradient counts as much as in serial SGD."""
        return self.samples * self.diversity


@dataclass(frozen=True)
class Estimate:
    """Diversity estimated from m of n samples, drawn without replacement.

    Attributes:
        found: unbiased estimates of Definition 1's numerator and denominator for all n samples.
        error: standard error of their ratio by the delta method; 0 if m = n; infinite if the
            denominator is within two of its own standard errors of 0.
    """

    found: Diversity
    error: float


def exact_diversity(chunks: Iterable[Tensor]) -> Diversity:
    """Return the diversity of gradients given in chunks (b, d) (Definition 1)."""
    return Diversity(*sums(chunks))


def differential_diversity(one: Iterable[Tensor], other: Iterable[Tensor]) -> Diversity:
    """Return the differential diversity (Definition 2).

    Args:
        one, other: chunks of gradients of the same samples at w and at w'.
    """
    return exact_diversity(at - at_other for at, at_other in zip(one, other, strict=True))


def estimate_diversity(
    gradients: PerSample, inputs: Tensor, targets: Tensor, count: int, random: torch.Generator
) -> Estimate:
    """Estimate Definition 1 for n samples from m = `count` of them, drawn without replacement.

    Let a be the mean of ||g_i||^2 over the m drawn samples, and u the mean of <g_i, g_j> over their
    pairs. Then n a and n a + n (n - 1) u are unbiased. To first order a sample changes u by
    2 (h_i - u), where h_i is its mean inner product with the others. The noise of h_i makes the
    error larger, never smaller.

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
    # A second pass over the samples needs less memory than to keep their gradients.
    again = [chunk.double() @ total for chunk in gradients.chunks(x, y)]
    return estimate_from_sums(torch.cat(norms), torch.cat(again), n)


def estimate_from_sums(squares: Tensor, inner: Tensor, n: int) -> Estimate:
    """Return the estimate for n samples from sums over the m drawn samples.

    Args:
        squares: ||g_i||^2 (m,).
        inner: <g_i, sum_j g_j> over the drawn samples (m,).
        n: number of all samples.
    """
    m = len(squares)
    others = (inner - squares) / (m - 1)  # h_i
    a, u = float(squares.mean()), float(others.mean())
    whole = a + (n - 1) * u
    found = Diversity(n, n * a, n * whole)
    moved_a, moved_u = squares - a, 2 * (others - u)  # changes by one sample, to first order
    if whole <= 2 * _error(moved_a + (n - 1) * moved_u, n):
        return Estimate(found, math.inf)
    return Estimate(found, _error((n - 1) * (u * moved_a - a * moved_u) / whole**2, n))


def _error(influence: Tensor, n: int) -> float:
    """Return the standard error of the mean of m values, drawn from n without replacement."""
    m = len(influence)
    return math.sqrt(float(influence.square().sum()) / (m - 1) / m * (1 - m / n))
