"""Test when a run ends, and the fitted contraction."""

import numpy as np
import pytest

from loft.soda.convergence import Point, contraction
from loft.soda.simulation import Replay, run
from tests.soda.problems import monitor, problem, team


def test_contraction_is_fitted_from_a_moment_on() -> None:
    def point(moment: int, times: int, distance: float) -> Point:
        return Point(moment, 0.0, 0.0, times, 0.0, distance, 0, 0, 0, 0, 0, 0, 0.0)

    points = [point(k, k // 2, 1.0 if k < 10 else 0.81 ** (k // 2)) for k in range(40)]
    assert contraction(points, 10) == pytest.approx(0.81)
    assert contraction(points, 39) is None


def test_too_few_epochs_are_a_failure() -> None:
    of = problem()
    group, measured = team(of, 5, 0.3), monitor(of, 5, epochs=7)
    run(group, Replay([*range(5)] * 7), measured, np.zeros(group.features))
    assert measured.outcome == "epochs"
    assert measured.points[-1].moment == 35
