"""Test the constants of Lemma 1 and Theorem 1 by hand."""

import numpy as np
import pytest

from loft.soda.logistic import Logistic
from loft.soda.theory import alpha, largest_step

# One feature: L = 4 a^2 / (4 * 1) + lambda_2 with a = 1, 2 is 0.25 + 0.5 and 1 + 0.5.
LOSSES = [Logistic(np.array([[size]]), lambda_2=0.5) for size in (1.0, 2.0)]


def test_the_largest_step_follows_the_least_smooth_loss() -> None:
    assert largest_step(LOSSES) == pytest.approx(2 / (0.5 + 1.5))


def test_alpha_by_hand() -> None:
    """2 gamma mu L / (mu + L) with mu = 0.5 and L = 1.5."""
    assert alpha(0.2, LOSSES) == pytest.approx(2 * 0.2 * 0.5 * 1.5 / 2.0)
