"""Theorem 1's bound and conditions (formula from v1; v2's text has lost it).

    E|W_T - What_T|^2 + eta sum_{t<T} E|f(X, W_t) - f(X, What_t)|^2
        <= O( n^2 sqrt(d) / (lambda_0^2 kappa m^(1/4) sqrt(delta))
              + 2 eta^2 T theta^2 (1 - xi) lambda_0 / S )

    if  m = Omega(n^4 K^2 max(n, d) / (lambda_0^4 delta^2))  and  eta = O(lambda_0 / n^2),

with probability 1 - O(delta). v1 and v2 write K and do not say what it is; the poster of v1 has T
in its place, which is taken here. Hidden constants are taken as 1: the bound says how distances
scale, so a ratio to it is no violation.

Corollary 1 has a loss that falls linearly into a neighbourhood. Its formula is lost in v2's text,
and v1 has none; Du et al. (2018), whose proof appendix B follows, shows a factor
1 - eta lambda_0 / 2 an iteration for a kernel of at least half of H. LoFT's mean step and the
scaled network bring theta xi to it.
"""

from dataclasses import dataclass

import numpy as np

from loft.theorem1.kernel import Kernel
from loft.theorem1.network import Problem
from loft.theorem1.side_by_side import Plan


@dataclass(frozen=True)
class Bound:
    """Both terms of the right-hand side."""

    first: float
    second: float


def bound(
    problem: Problem, kernel: Kernel, width: int, kappa: float, plan: Plan, failure: float
) -> Bound:
    """Return the bound with all constants 1."""
    eta, masks = plan.step, plan.masks
    first = problem.samples**2 * np.sqrt(problem.length)
    first /= kernel.least**2 * kappa * width**0.25 * np.sqrt(failure)
    second = 2 * eta**2 * plan.iterations * masks.theta**2 * (1 - masks.probability)
    return Bound(float(first), float(second * kernel.least / masks.workers))


def least_width(problem: Problem, kernel: Kernel, iterations: int, failure: float) -> float:
    """Return the width that the theorem asks for, with all constants 1."""
    n = problem.samples
    wide = n**4 * iterations**2 * max(n, problem.length)
    return float(wide / (kernel.least**4 * failure**2))


def unit_step(problem: Problem, kernel: Kernel) -> float:
    """Return lambda_0 / n^2, of whose order eta must be."""
    return kernel.least / problem.samples**2


def largest_step(kernel: Kernel, plan: Plan) -> float:
    """Return the eta beyond which gradient descent itself diverges at infinite width."""
    return 2 / (plan.masks.theta * plan.masks.probability * kernel.most)


def rate(kernel: Kernel, plan: Plan) -> float:
    """Return the factor that the loss falls by in an iteration, see above."""
    return 1 - plan.step * plan.masks.theta * plan.masks.probability * kernel.least / 2
