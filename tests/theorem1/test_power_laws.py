"""Test that fits find known laws and that intervals have their confidence level."""

import numpy as np
import pytest

from loft.theorem1.power_laws import Interval, floor_law, power_law

X = np.array([16.0, 32, 64, 128, 256, 512, 1600])


def repetitions(means: np.ndarray, seed: int, count: int = 6) -> list[np.ndarray]:
    """Return measurements around the means, with a deviation of a tenth of each mean."""
    random = np.random.default_rng(seed)
    return [mean * (1 + 0.1 * random.standard_normal(count)) for mean in means]


def holds(interval: Interval, value: float) -> bool:
    return interval.low <= value <= interval.high


def test_a_law_without_noise_is_found() -> None:
    means = 0.5 + 20 * X**-1.0
    samples = [np.array([mean - 1e-6, mean, mean + 1e-6]) for mean in means]
    law = floor_law(X, samples, 0.95, 100, np.random.default_rng(0))
    assert law.slope is not None
    assert law.slope.value == pytest.approx(-1, rel=0.03)  # the grid's spacing
    assert law.floor.value == pytest.approx(0.5, rel=0.02)
    assert law.coefficient == pytest.approx(20, rel=0.1)


def test_intervals_hold_the_truth() -> None:
    slopes, floors, plain = 0, 0, 0
    for seed in range(40):
        samples = repetitions(0.1 + 20 * X**-1.0, seed)
        law = floor_law(X, samples, 0.95, 200, np.random.default_rng(seed))
        assert law.slope is not None
        slopes += holds(law.slope, -1)
        floors += holds(law.floor, 0.1)
        straight = repetitions(3 * X**-0.5, seed)
        plain += holds(power_law(X, straight, 0.95, 200, np.random.default_rng(seed)), -0.5)
    assert min(slopes, floors, plain) >= 34  # of 40; 38 expected


def test_no_floor_is_invented() -> None:
    law = floor_law(X, repetitions(20 * X**-0.7, 1), 0.95, 200, np.random.default_rng(0))
    assert law.slope is not None
    assert law.floor.low == 0
    assert law.slope.value == pytest.approx(-0.7, abs=0.05)


def test_what_rises_has_no_fall() -> None:
    law = floor_law(X, repetitions(X**0.5, 0), 0.95, 100, np.random.default_rng(0))
    assert law.slope is None
