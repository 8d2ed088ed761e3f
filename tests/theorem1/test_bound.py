"""Test Theorem 1's bound and conditions by hand."""

import numpy as np
import pytest

from loft.theorem1.bound import bound, largest_step, least_width, rate, unit_step
from loft.theorem1.kernel import Kernel
from loft.theorem1.masks import Masks
from loft.theorem1.network import Problem
from loft.theorem1.side_by_side import Plan


def test_the_bound_by_hand() -> None:
    """n = 2, d = 4, lambda_0 = 0.5: n^2 sqrt(d) = 8; m^1/4 = 2; sqrt(delta) = 0.5."""
    problem = Problem(np.zeros((2, 3, 4)), np.ones(2))
    kernel = Kernel(np.diag([0.5, 1.0]), np.eye(2))
    plan = Plan(Masks("bernoulli", 2, 0.5), step=0.1, iterations=100)
    found = bound(problem, kernel, width=16, kappa=0.1, plan=plan, failure=0.25)
    assert found.first == pytest.approx(8 / (0.25 * 0.1 * 2 * 0.5))
    assert found.second == pytest.approx(2 * 0.01 * 100 * 0.75**2 * 0.5 * 0.5 / 2)
    assert least_width(problem, kernel, 100, 0.25) == pytest.approx(16 * 1e4 * 4 / (0.0625**2))
    assert unit_step(problem, kernel) == 0.125
    assert largest_step(kernel, plan) == pytest.approx(2 / (0.75 * 0.5))
    assert rate(kernel, plan) == pytest.approx(1 - 0.1 * 0.75 * 0.5 * 0.5 / 2)
