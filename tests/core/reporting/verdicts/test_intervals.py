"""Intervals: by hand, by scipy, and on a logarithmic scale."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from loft.core.reporting.verdicts.intervals import (
    Estimate,
    Noise,
    amount,
    average,
    difference,
    exact,
    geometric,
    paired,
    pooled,
    ratio,
)

CONFIDENCE = 0.95
VALUES = st.lists(st.integers(9300, 9900), min_size=2, max_size=6, unique=True).map(
    lambda right: [images / 100 for images in right]
)


def test_an_interval_by_hand() -> None:
    """Variances 1 and 4 over three seeds each: s^2 = 2.5 with 4 degrees of freedom."""
    first, second = [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]
    noise = pooled([first, second])
    assert noise == pytest.approx((math.sqrt(2.5), 4, 2))
    shown = difference(first, second, noise)
    half = 2.131846786 * math.sqrt(2.5 * 2 / 3)  # t(0.95, 4) from a printed table of quantiles
    assert shown.value == -2
    assert shown.interval(CONFIDENCE) == pytest.approx((-2 - half, -2 + half))


def test_another_error_adds_in_squares() -> None:
    """An error of 3 over seeds and of 4 over images are 5 together; t(0.95, 4) = 2.132."""
    shown = Estimate(1.0, (1,), Noise(3.0, 4, 2))
    half = 2.131846786 * 5
    assert shown.interval(CONFIDENCE, beside=4.0) == pytest.approx((1 - half, 1 + half))


def test_the_pool_weighs_cells_by_their_degrees_of_freedom() -> None:
    """(1 * 2 + 2 * 1) / 3; a single seed adds nothing."""
    noise = pooled([[1.0, 3.0], [1.0, 2.0, 3.0], [7.0]])
    assert noise == pytest.approx((math.sqrt(4 / 3), 3, 2))


def test_one_training_in_two_cells_counts_once() -> None:
    seeds = [[94.1, 94.5], [93.0, 93.9]]
    assert pooled([*seeds, [94.1, 94.5]]) == pooled(seeds)


def test_no_spread_at_all_is_no_deviation() -> None:
    assert pooled([[97.5, 97.5], [95.0, 95.0]]) is None


@given(VALUES, VALUES)
def test_two_cells_give_scipys_interval(first: list[float], second: list[float]) -> None:
    assume(first != second)
    found = difference(first, second, pooled([first, second])).interval(CONFIDENCE)
    tested = stats.ttest_ind(first, second).confidence_interval(2 * CONFIDENCE - 1)
    assert found == pytest.approx((tested.low, tested.high), rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(st.floats(1, 9), st.floats(1, 9)), min_size=2, max_size=6))
def test_pairs_give_scipys_paired_interval(pairs: list[tuple[float, float]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    apart = [a - b for a, b in pairs]
    assume(max(apart) - min(apart) > 1e-3)
    found = paired(first, second).interval(CONFIDENCE)
    tested = stats.ttest_rel(first, second).confidence_interval(2 * CONFIDENCE - 1)
    assert found == pytest.approx((tested.low, tested.high), rel=1e-6, abs=1e-6)


def test_a_counted_value_is_a_point_and_one_seed_has_no_end() -> None:
    assert exact(1.5).interval(CONFIDENCE) == (1.5, 1.5)
    assert average([94.0], None).interval(CONFIDENCE) == (-math.inf, math.inf)


def test_a_geometric_mean_by_hand() -> None:
    """Logarithms 0, ln 10 and 2 ln 10: mean ln 10, deviation ln 10; t(0.975, 2) = 4.302653."""
    mean, low, high = geometric([1.0, 10.0, 100.0], 0.95)
    factor = 10 ** (4.302653 / math.sqrt(3))
    assert (mean, low, high) == pytest.approx((10, 10 / factor, 10 * factor), rel=1e-6)
    assert geometric([7.0, 7.0], 0.95) == pytest.approx((7, 7, 7))
    assert geometric([7.0], 0.95)[0] == pytest.approx(7)
    assert all(map(math.isnan, [*geometric([], 0.95), *geometric([7.0], 0.95)[1:]]))


def test_the_mean_of_an_amount_by_hand() -> None:
    """Mean 2, error 1 / sqrt(3), so e / d = 0.288675; t(0.975, 2) = 4.302653."""
    factor = math.exp(4.302653 * 0.2886751)
    assert amount([1.0, 2.0, 3.0], 0.95) == pytest.approx((2, 2 / factor, 2 * factor), rel=1e-6)
    assert amount([7.0, 7.0], 0.95) == (7, 7, 7)
    assert amount([7.0], 0.95)[0] == 7
    assert all(map(math.isnan, [*amount([], 0.95), *amount([7.0], 0.95)[1:]]))
    assert math.isnan(amount([-1.0, 1.0], 0.95)[1])


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=6))
def test_a_positive_amount_has_no_interval_below_zero(values: list[float]) -> None:
    for find in (amount, geometric):
        mean, low, high = find(values, 0.95)
        assert 0 <= low <= mean * (1 + 1e-9) <= high * (1 + 1e-6)


@given(VALUES, VALUES)
def test_swapped_ratios_are_reciprocal(first: list[float], second: list[float]) -> None:
    one, other = ratio(first, second), ratio(second, first)
    assert other.value == pytest.approx(-one.value)
    low, high = one.interval(CONFIDENCE)
    assert other.interval(CONFIDENCE) == pytest.approx((-high, -low))


def test_a_ratio_of_counted_amounts_is_exact() -> None:
    """Two equal repetitions on each side: 8 bytes over 4."""
    found = ratio([8.0, 8.0], [4.0, 4.0])
    assert found == exact(found.value)
    assert found.value == pytest.approx(math.log(2))
    assert ratio([8.0], [4.0]).error == math.inf


def test_estimates_print_their_interval_where_they_have_one() -> None:
    assert Estimate(0.5, (4,), Noise(1, 3, 1)).text(CONFIDENCE) == "+0.50 [-0.68, +1.68]"
    assert average([-0.5], None).text(CONFIDENCE) == "-0.50"
    shown = ratio([1.0, 4.0], [1.0, 1.0])  # ln 2; s^2 = (ln 4)^2 / 4, 2 degrees of freedom
    half = 2.919986 * math.log(4) / 2
    bounds = [2 * math.exp(sign * half) for sign in (-1, 1)]
    assert shown.ratio_text(CONFIDENCE) == f"2 [{bounds[0]:.3g}, {bounds[1]:.3g}]"
    assert ratio([6.0], [2.0]).ratio_text(CONFIDENCE) == "3"
