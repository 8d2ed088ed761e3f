"""Intervals of measurements."""

import math

import pytest

from loft.diversity.measurements import interval


def test_an_interval_is_students() -> None:
    mean, low, high = interval([1.0, 2.0, 3.0], 0.95)
    assert mean == 2
    assert high - 2 == pytest.approx(4.30265 / 3**0.5, rel=1e-5)
    assert 2 - low == pytest.approx(high - 2)
    assert math.isnan(interval([1.0], 0.95)[1])
    assert math.isnan(interval([], 0.95)[0])
