"""Test Theorems 1 to 4 on problems with known constants."""

from typing import get_args

import numpy as np
import pytest

from loft.diversity.glm import Glm
from loft.diversity.theorems import THEOREMS, Theorem, descend, draw_case, run_case


@pytest.mark.parametrize("theorem", get_args(Theorem))
def test_theorems_hold_under_their_conditions(theorem: Theorem) -> None:
    asked = draw_case(theorem, 128, 8, 0.3, np.random.default_rng(5))
    for delta in (0.0, 1.0):
        batch = asked.batch(delta)
        assert batch <= asked.most
        assert batch <= delta * asked.problem.bound + 1
        found = run_case(asked, batch, 8, np.random.default_rng(6))
        assert found.updates >= asked.updates
        assert found.updates % batch == 0
        assert found.farthest <= asked.radius or theorem == "pl"
        assert 0 <= found.attained.mean() <= asked.promised(delta)


def test_serial_sgd_has_the_batch_of_one() -> None:
    for theorem in THEOREMS:
        asked = draw_case(theorem, 64, 6, 0.3, np.random.default_rng(5))
        assert asked.batch(0) == 1
        assert asked.promised(0) == asked.epsilon


def test_a_step_is_the_batchs_sum() -> None:
    """With one sample each iteration takes B times its gradient."""
    alone = Glm("squares", np.array([[1.0]]), np.array([1.0]))
    path = [*descend(alone, 0.1, 3, 6, 1, np.random.default_rng(0))]
    assert np.ravel(path) == pytest.approx([0, 0.3, 0.3 + 0.3 * 0.7])
    ball = [*descend(alone, 0.1, 3, 6, 1, np.random.default_rng(0), radius=0.4)]
    assert np.ravel(ball) == pytest.approx([0, 0.3, 0.4])
