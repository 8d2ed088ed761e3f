"""Compute Theorem 1's bound and its conditions (formula of v1; it is missing in v2's text).

    E|W_T - What_T|^2 + eta sum_{t<T} E|f(X, W_t) - f(X, What_t)|^2
        <= O( n^2 sqrt(d) / (lambda_0^2 kappa m^(1/4) sqrt(delta))
              + 2 eta^2 T theta^2 (1 - xi) lambda_0 / S )

    if  m = Omega(n^4 K^2 max(n, d) / (lambda_0^4 delta^2))  and  eta = O(lambda_0 / n^2),

with probability 1 - O(delta). v1 and v2 write K without defining it; the poster of v1 has T in its
place, and so have we. Hidden constants are set to 1. The bound says how distances scale, so a
measured distance above it is no contradiction.

Corollary 1 says that the loss falls linearly into a neighbourhood. Its formula is missing in v2's
text, and v1 does not have it. Du et al. (2018), whose proof appendix B follows, show a factor of
1 - eta lambda_0 / 2 per iteration for a kernel of at least H / 2. LoFT's mean step and the scaled
network multiply eta by theta xi.
"""

from dataclasses import dataclass

import numpy as np

from loft.theorem1.kernel import Kernel
from loft.theorem1.network import Problem
from loft.theorem1.side_by_side import Plan


@dataclass(frozen=True)
class Bound:
    """The two terms of the right-hand side."""

    first: float
    second: float


def bound(
    problem: Problem, kernel: Kernel, width: int, kappa: float, plan: Plan, failure: float
) -> Bound:
    """Return the bound with all hidden constants 1; `failure` is delta."""
    eta, masks = plan.step, plan.masks
    first = problem.samples**2 * np.sqrt(problem.length)
    first /= kernel.smallest_eigenvalue**2 * kappa * width**0.25 * np.sqrt(failure)
    second = 2 * eta**2 * plan.iterations * masks.theta**2 * (1 - masks.probability)
    return Bound(float(first), float(second * kernel.smallest_eigenvalue / masks.workers))


def least_width(problem: Problem, kernel: Kernel, iterations: int, failure: float) -> float:
    """Return the smallest width that the theorem allows, with all hidden constants 1."""
    n = problem.samples
    wide = n**4 * iterations**2 * max(n, problem.length)
    return float(wide / (kernel.smallest_eigenvalue**4 * failure**2))


def unit_step(problem: Problem, kernel: Kernel) -> float:
    """Return lambda_0 / n^2, the unit in which steps are given."""
    return kernel.smallest_eigenvalue / problem.samples**2


def largest_step(kernel: Kernel, plan: Plan) -> float:
    """Return the largest eta for which gradient descent is stable at infinite width."""
    return 2 / (plan.masks.theta * plan.masks.probability * kernel.largest_eigenvalue)


def rate(kernel: Kernel, plan: Plan) -> float:
    """Return the factor by which the loss of Corollary 1 falls in an iteration."""
    masks, lambda_0 = plan.masks, kernel.smallest_eigenvalue
    return 1 - plan.step * masks.theta * masks.probability * lambda_0 / 2
