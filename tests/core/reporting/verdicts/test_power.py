"""Power: against printed sample sizes, the noncentral t distribution and a simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from loft.core.reporting.verdicts.intervals import Estimate, Noise
from loft.core.reporting.verdicts.judging import REPRODUCED, Rule, judge
from loft.core.reporting.verdicts.power import MOST, detectable, needed, power
from loft.core.reporting.verdicts.regions import ABOVE_ZERO, Region, within

LEVEL, POWER = 0.05, 0.8
UNIT = Noise(1.0, 2, 2)  # two cells, a deviation of 1


def test_sample_sizes_by_hand() -> None:
    """Superiority of half a deviation needs 51 in each group, one-sided at 5 %, power 0.8.

    With a known deviation, 2 (1.6449 + 0.8416)^2 / 0.5^2 = 49.5, and t in place of z adds about
    z^2 / 4 = 0.7 to each group. For equivalence within half a deviation at no true difference,
    2 (1.6449 + 1.2816)^2 / 0.5^2 = 68.5, and one more by the same correction.
    """
    assert needed(ABOVE_ZERO, 0.5, UNIT, 2, LEVEL, POWER) == 51
    assert needed(within(0.5), 0.0, UNIT, 2, LEVEL, POWER) == 70


@pytest.mark.parametrize("seeds", [2, 5, 30])
def test_one_edge_is_the_one_sided_t_test(seeds: int) -> None:
    freedom, error = 2 * (seeds - 1), math.sqrt(2 / seeds)
    expected = stats.nct.sf(stats.t.ppf(1 - LEVEL, freedom), freedom, 0.9 / error)
    assert power(ABOVE_ZERO, 0.9, UNIT, 2, seeds, LEVEL) == pytest.approx(expected, abs=1e-3)


@settings(deadline=None)
@given(st.floats(0.2, 3), st.floats(1.05, 2), st.integers(1, 8))
def test_a_wider_margin_needs_no_more_seeds(margin: float, factor: float, cells: int) -> None:
    noise = Noise(1.0, cells, cells)
    narrow = needed(within(margin), 0.0, noise, 2, LEVEL, POWER)
    assert needed(within(factor * margin), 0.0, noise, 2, LEVEL, POWER) <= narrow
    louder = Noise(factor, cells, cells)
    assert needed(within(margin), 0.0, louder, 2, LEVEL, POWER) >= narrow


def test_more_than_the_most_is_said_as_such() -> None:
    assert needed(within(0.01), 0.0, UNIT, 2, LEVEL, POWER) == MOST + 1


def test_without_deviation_everything_inside_is_shown() -> None:
    still = Noise(0.0, 2, 2)
    assert power(within(1), 0.5, still, 2, 2, LEVEL) == 1
    assert power(within(1), 1.5, still, 2, 2, LEVEL) == 0


def test_the_smallest_detectable_difference_shrinks_with_the_root_of_the_seeds() -> None:
    noise = Noise(0.4, 14, 7)
    one = detectable([3, 3], noise, 0.95, POWER)
    assert detectable([12, 12], noise, 0.95, POWER) == pytest.approx(one / 2)
    assert detectable([3], noise, 0.95, POWER) == pytest.approx(one / math.sqrt(2))
    assert detectable([3, 3], Noise(0.8, 14, 7), 0.95, POWER) == pytest.approx(2 * one)
    assert detectable([1, 1], None, 0.95, POWER) == math.inf


@pytest.mark.parametrize("freedom", [2, 7, 14])
def test_the_smallest_detectable_difference_is_found_with_the_stated_power(freedom: int) -> None:
    error = 0.4 * math.sqrt(2 / 3)
    found = detectable([3, 3], Noise(0.4, freedom, 7), 0.95, POWER) / error
    quantile = stats.t.ppf(0.95, freedom)
    assert stats.nct.sf(quantile, freedom, found) == pytest.approx(POWER, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("region", "true", "cells", "seeds"),
    [
        (within(1.0), 0.0, 2, 20),
        (within(1.0), 0.4, 2, 12),
        (within(1.5), 0.0, 6, 4),
        (ABOVE_ZERO, 1.0, 2, 10),
        (Region(-math.inf, -0.8), -1.6, 4, 5),
        (within(1.0), 1.0, 2, 10),
    ],
)
def test_power_is_how_often_simulated_runs_get_the_verdict(
    region: Region, true: float, cells: int, seeds: int
) -> None:
    """20,000 runs of normal values in `cells` cells, the first two compared, judged by the rule.

    The error of a share of 20,000 is at most 0.0036; 4 of them are allowed. At the edge of a
    region a verdict is wrong in at most 5 %.
    """
    draws, random = 20_000, np.random.default_rng(7)
    values = random.standard_normal((draws, cells, seeds))
    values[:, 0] += true
    apart = values[:, 0].mean(1) - values[:, 1].mean(1)
    deviation = np.sqrt(values.var(2, ddof=1).mean(1))
    freedom = cells * (seeds - 1)
    found = [
        judge(Estimate(float(d), (seeds, seeds), Noise(float(s), freedom, cells)), region, Rule())
        for d, s in zip(apart[:2000], deviation[:2000], strict=True)
    ]
    half = stats.t.ppf(0.95, freedom) * deviation * math.sqrt(2 / seeds)
    inside = (apart - half > region.low) & (apart + half < region.high)
    assert [each == REPRODUCED for each in found] == inside[:2000].tolist()
    expected = power(region, true, Noise(1.0, freedom, cells), 2, seeds, LEVEL)
    assert inside.mean() == pytest.approx(expected, abs=0.0145)
    if true == region.high:
        assert expected <= LEVEL + 1e-3
