"""Gradient diversity and the batch sizes that it allows (Yin et al., 2017, Definitions 1 and 2).

Legend: n samples i, weights w, per-sample gradients g_i(w) (d,); diversity
Delta(w) = sum_i ||g_i||^2 / ||sum_i g_i||^2, and the batch-size bound B(w) = n Delta(w).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from loft.core.training.sample_gradients import PerSample, Sums, sums


class Diversity(Sums):
    """What Definition 1 or 2 is made of: sums over the gradients of n samples."""

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


def exact_diversity(chunks: Iterable[Tensor]) -> Diversity:
    """Return the diversity of gradients that come in chunks (b, d) (Definition 1)."""
    return Diversity(*sums(chunks))


def differential_diversity(one: Iterable[Tensor], other: Iterable[Tensor]) -> Diversity:
    """Return differential diversity (Definition 2).

    Args:
        one, other: chunks of gradients of the same samples at w and at w'.
    """
    return exact_diversity(at - at_other for at, at_other in zip(one, other, strict=True))


def estimate_diversity(
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
    return estimate_from_sums(torch.cat(norms), torch.cat(again), n)


def estimate_from_sums(squares: Tensor, inner: Tensor, n: int) -> Estimate:
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
