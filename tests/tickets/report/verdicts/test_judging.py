"""The rule: hand-worked and scipy's intervals, each verdict, and what must not change it."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from loft.tickets.report.job import VerdictSettings
from loft.tickets.report.verdicts import judging
from loft.tickets.report.verdicts.judging import (
    NOT_REPRODUCED,
    REPRODUCED,
    UNDERPOWERED,
    Estimate,
    Noise,
    Region,
    detectable,
    difference,
    estimate,
    judge,
    ordering,
    pooled,
    worst,
)

MARGIN, CONFIDENCE = 0.8, 0.95
RULE = VerdictSettings(margin=MARGIN, confidence=CONFIDENCE)
EQUIVALENT = Region(-MARGIN, MARGIN)
ABOVE, BELOW = Region(MARGIN, math.inf), Region(-math.inf, -MARGIN)


def samples(most: int) -> st.SearchStrategy[list[float]]:
    """Accuracies in percent of 10,000 images, a value a seed."""
    correct = st.lists(st.integers(9300, most), min_size=2, max_size=6, unique=True)
    return correct.map(lambda right: [images / 100 for images in right])


SAMPLES = samples(9900)
CLOSE = samples(9380)  # within the margin, so that equivalence is shown in about half of them


def test_an_interval_by_hand() -> None:
    """Variances 1 and 4 over three seeds each: s^2 = 2.5 with 4 degrees of freedom."""
    first, second = [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]
    noise = pooled([first, second])
    assert noise == pytest.approx((math.sqrt(2.5), 4))
    shown = difference(first, second, noise, CONFIDENCE)
    half = 2.131846786 * math.sqrt(2.5 * 2 / 3)  # t(0.95, 4) from a printed table of quantiles
    assert shown == pytest.approx((-2, -2 - half, -2 + half))


def test_the_pool_weighs_cells_by_their_degrees_of_freedom() -> None:
    """(1 * 2 + 2 * 1) / 3; a single seed adds nothing."""
    noise = pooled([[1.0, 3.0], [1.0, 2.0, 3.0], [7.0]])
    assert noise == pytest.approx((math.sqrt(4 / 3), 3))


def test_one_training_in_two_cells_counts_once() -> None:
    seeds = [[94.1, 94.5], [93.0, 93.9]]
    assert pooled([*seeds, [94.1, 94.5]]) == pooled(seeds)


@given(SAMPLES, SAMPLES)
def test_two_cells_give_scipys_interval(first: list[float], second: list[float]) -> None:
    noise = pooled([first, second])
    assume(first != second)
    shown = difference(first, second, noise, CONFIDENCE)
    tested = stats.ttest_ind(first, second).confidence_interval(2 * CONFIDENCE - 1)
    assert (shown.low, shown.high) == pytest.approx((tested.low, tested.high), rel=1e-6, abs=1e-6)


@given(CLOSE, CLOSE)
def test_equivalence_is_two_one_sided_tests(first: list[float], second: list[float]) -> None:
    noise = pooled([first, second])
    assume(first != second)
    lower = stats.ttest_ind([x + MARGIN for x in first], second, alternative="greater").pvalue
    upper = stats.ttest_ind([x - MARGIN for x in first], second, alternative="less").pvalue
    p = max(lower, upper)
    assume(not math.isclose(p, 1 - CONFIDENCE, abs_tol=1e-9))
    shown = difference(first, second, noise, CONFIDENCE)
    assert (judge(shown, EQUIVALENT) == REPRODUCED) == (p < 1 - CONFIDENCE)


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [
        (0.3, 0.4, REPRODUCED),
        (-0.3, 0.4, REPRODUCED),
        (0.3, 0.6, UNDERPOWERED),
        (0.0, 2.0, UNDERPOWERED),
        (1.3, 0.6, UNDERPOWERED),
        (1.3, 0.4, NOT_REPRODUCED),
        (-1.3, 0.4, NOT_REPRODUCED),
        (0.0, math.inf, UNDERPOWERED),
    ],
)
def test_a_value_against_a_printed_one(value: float, half: float, verdict: str) -> None:
    assert judge(Estimate(value, value - half, value + half), EQUIVALENT) == verdict


@pytest.mark.parametrize(
    ("printed", "low", "high", "verdict"),
    [
        (-0.95, -3.0, -1.0, REPRODUCED),
        (-0.95, -3.0, 0.0, UNDERPOWERED),
        (-0.95, -0.5, 0.5, NOT_REPRODUCED),
        (-0.95, -0.5, 3.0, NOT_REPRODUCED),  # equivalent or above, in no case below
        (-0.44, -0.5, 0.5, REPRODUCED),
        (-0.44, -1.5, 0.5, UNDERPOWERED),
        (-0.44, -3.0, -1.0, NOT_REPRODUCED),
        (1.99, 1.0, 3.0, REPRODUCED),
        (1.99, -1.0, 3.0, UNDERPOWERED),
        (1.99, -1.0, 0.7, NOT_REPRODUCED),
    ],
)
def test_an_ordering_against_a_printed_one(
    printed: float, low: float, high: float, verdict: str
) -> None:
    shown = Estimate((low + high) / 2, low, high)
    assert judge(shown, ordering(printed, MARGIN)) == verdict
    mirrored = Estimate(-shown.value, -high, -low)
    assert judge(mirrored, ordering(-printed, MARGIN)) == verdict


def test_the_three_regions_of_a_printed_difference() -> None:
    assert ordering(-0.81, MARGIN) == BELOW
    assert ordering(-0.8, MARGIN) == ordering(0.8, MARGIN) == EQUIVALENT
    assert ordering(0.81, MARGIN) == ABOVE


@given(SAMPLES, SAMPLES, st.floats(-3, 3))
def test_swapping_the_sides_mirrors(
    first: list[float], second: list[float], printed: float
) -> None:
    noise = pooled([first, second])
    one = difference(first, second, noise, CONFIDENCE)
    other = difference(second, first, noise, CONFIDENCE)
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))
    mirrored = Estimate(-one.value, -one.high, -one.low)
    assert judge(one, ordering(printed, MARGIN)) == judge(mirrored, ordering(-printed, MARGIN))


def test_one_seed_is_underpowered_whatever_was_measured() -> None:
    noise = pooled([[94.4], [20.0]])
    assert noise is None
    for region in (BELOW, EQUIVALENT, ABOVE):
        assert judge(difference([94.4], [20.0], noise, CONFIDENCE), region) == UNDERPOWERED
    assert detectable([1, 1], noise, RULE) == math.inf


def test_no_spread_at_all_is_no_deviation() -> None:
    assert pooled([[97.5, 97.5], [95.0, 95.0]]) is None


def test_the_smallest_detectable_difference_shrinks_with_the_root_of_the_seeds() -> None:
    noise = Noise(0.4, 14)
    one = detectable([3, 3], noise, RULE)
    assert detectable([12, 12], noise, RULE) == pytest.approx(one / 2)
    assert detectable([3], noise, RULE) == pytest.approx(one / math.sqrt(2))
    assert detectable([3, 3], Noise(0.8, 14), RULE) == pytest.approx(2 * one)


@pytest.mark.parametrize("freedom", [2, 7, 14])
def test_the_smallest_detectable_difference_is_found_with_the_stated_power(freedom: int) -> None:
    noise, counts = Noise(0.4, freedom), [3, 3]
    error = 0.4 * math.sqrt(2 / 3)
    quantile = stats.t.ppf(CONFIDENCE, freedom)
    found = stats.nct.sf(quantile, freedom, detectable(counts, noise, RULE) / error)
    assert found == pytest.approx(judging.POWER, abs=1e-4)


def test_a_counted_value_needs_no_seeds() -> None:
    assert judge(judging.exact(1.2), Region(1, math.inf)) == REPRODUCED
    assert judge(judging.exact(1.0), Region(1, math.inf)) == NOT_REPRODUCED
    assert judge(judging.exact(0.7), Region(1, math.inf)) == NOT_REPRODUCED


def test_statements_together_hold_where_each_does() -> None:
    assert worst([REPRODUCED, REPRODUCED]) == REPRODUCED
    assert worst([REPRODUCED, UNDERPOWERED]) == UNDERPOWERED
    assert worst([NOT_REPRODUCED, UNDERPOWERED, REPRODUCED]) == NOT_REPRODUCED


def test_estimates_print_their_interval_where_they_have_one() -> None:
    assert str(estimate(0.5, [4], Noise(1, 3), CONFIDENCE)) == "+0.50 [-0.68, +1.68]"
    assert str(estimate(-0.5, [1], None, CONFIDENCE)) == "-0.50"
