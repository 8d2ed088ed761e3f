"""Test the measured stability of mini-batch SGD."""

import math

import numpy as np
import pytest

from loft.diversity.glm import Glm, draw_problem
from loft.diversity.stability import measure_stability


def test_stability_of_samples_that_agree_is_perfect() -> None:
    """All points are equal, so replacing one changes nothing."""
    same = Glm("logistic", np.ones((30, 2)) / 2**0.5, np.ones(30))
    found = measure_stability(same, 10, 0.5, 2, 40, 5, seed=0)
    assert found.distances.tolist() == [0] * 5
    assert found.bound == math.inf
    assert found.gaps == pytest.approx(np.zeros(5))


def test_stability_is_lost_far_beyond_the_bound() -> None:
    whole = draw_problem("squares", 600, 8, 8, 0.3, np.random.default_rng(3))
    serial, near, far = (
        measure_stability(whole, 100, 0.5, b, 2000, 10, seed=1) for b in (1, 4, 200)
    )
    assert near.bound >= 4
    assert near.distances.mean() < 1.5 * serial.distances.mean()
    assert far.bound < 200
    assert far.distances.mean() > 100 * serial.distances.mean()
