"""Compute the one-hidden-layer CNN of LoFT v2 (section 5, appendix A) and its gradients.

The formulas are missing in v2's text. They are rebuilt from its words and from v1's statement:

    f(X_i, W) = sum_r sum_j a_rj relu(<w_r, x_ij>)             (a perceptron on patches)
    b_ri      = sum_j a_rj relu(<w_r, x_ij>)                   (so that f = sum_r b_r)
    J_ri      = sum_j a_rj 1{<w_r, x_ij> > 0} x_ij             (d f(X_i) / d w_r)

Symbols (paper -> here): n samples, p patches of a sample (one for each pixel), d numbers in a patch
(channels times filter size q), m filters; x_ij `patches` (n, p, d); w_r `weights` (d, m);
a_rj `second` (p, m), fixed; y_i `targets` (n,).

Assumption 2 draws w_r from N(0, kappa^2 I) and a_rj from two values of opposite sign; the text has
lost their size. We take 1/sqrt(m): with one patch this is the perceptron of Du et al. (2018), whose
proof appendix B follows. The size c/sqrt(m) gives the same experiment with targets divided by c and
steps multiplied by c^2, so it only changes constants that the theorem leaves open.

Arrays have the filters last and any number of leading axes for repetitions; all are float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from loft.core.seeding import stream

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """Training data.

    Attributes:
        patches: x_ij, (n, p, d), scaled as Assumption 1 asks.
        targets: y_i, (n,), between -1 and 1.
    """

    patches: Array
    targets: Array

    @property
    def samples(self) -> int:
        return len(self.targets)

    @property
    def length(self) -> int:
        """Number of values in a patch, d."""
        return int(self.patches.shape[2])


@dataclass(frozen=True)
class Start:
    """Networks at the start of training, one for each repetition.

    Attributes:
        weights: w_r, (repetitions, d, m).
        second: a_rj, (repetitions, p, m).
    """

    weights: Array
    second: Array

    @classmethod
    def draw(
        cls, problem: Problem, width: int, kappa: float, seeds: Sequence[tuple[int, ...]]
    ) -> Self:
        """Draw networks as in Assumption 2.

        Args:
            problem: the data that they will learn.
            width: number of filters, m.
            kappa: deviation of the first layer's weights. With equal seeds the weights are
                proportional to kappa.
            seeds: the seed of each repetition.
        """
        _, pixels, length = problem.patches.shape
        randoms = [stream("theorem1-start", width, *seed) for seed in seeds]
        weights = [kappa * random.standard_normal((length, width)) for random in randoms]
        signs = [2.0 * random.integers(0, 2, (pixels, width)) - 1 for random in randoms]
        return cls(np.stack(weights), np.stack(signs) / np.sqrt(width))


def forward(patches: Array, weights: Array, second: Array) -> tuple[Array, Array]:
    """Return every filter's part of the output, and the gates for its gradient.

    Args:
        patches: (n, p, d).
        weights: (..., d, m).
        second: (..., p, m).

    Returns:
        parts b_ri, (..., n, m); gates a_rj 1{<w_r, x_ij> > 0}, (..., n, p, m).
    """
    samples, pixels, length = patches.shape
    responses = patches.reshape(-1, length) @ weights  # (..., n p, m)
    responses = responses.reshape(*weights.shape[:-2], samples, pixels, -1)
    gates = (responses > 0) * second[..., None, :, :]
    return np.einsum("...npm,...npm->...nm", responses, gates), gates


def backward(patches: Array, gates: Array, residuals: Array) -> Array:
    """Return sum_i residual_ri J_ri for every filter, (..., d, m); overwrites `gates`.

    Args:
        patches: (n, p, d).
        gates: from `forward`, (..., n, p, m).
        residuals: factor of each sample's gradient: (..., n, m), or (..., n, 1) if it is the same
            for all filters.
    """
    length = patches.shape[2]
    gates *= residuals[..., None, :]
    flat = gates.reshape(*gates.shape[:-3], -1, gates.shape[-1])  # (..., n p, m)
    gradient: Array = patches.reshape(-1, length).T @ flat
    return gradient


def jacobian(patches: Array, gates: Array) -> Array:
    """Return J_ri for every filter and sample, (..., n, d, m)."""
    return np.asarray(np.einsum("npd,...npm->...ndm", patches, gates))
