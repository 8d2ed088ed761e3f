"""The rule: each verdict, Holm's correction by hand, and what must not change a verdict."""

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from loft.core.reporting.verdicts.intervals import (
    Estimate,
    Noise,
    average,
    difference,
    exact,
    pooled,
)
from loft.core.reporting.verdicts.judging import (
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    Comparison,
    Decision,
    Rule,
    decide,
    holm,
    judge,
    several,
    together,
)
from loft.core.reporting.verdicts.regions import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Region,
    ordering,
    within,
)

MARGIN, CONFIDENCE = 0.8, 0.95
RULE = Rule(CONFIDENCE)
EQUIVALENT = within(MARGIN)
ABOVE, BELOW = Region(MARGIN, math.inf), Region(-math.inf, -MARGIN)


def samples(most: int) -> st.SearchStrategy[list[float]]:
    """Accuracies in percent of 10,000 images, a value a seed."""
    correct = st.lists(st.integers(9300, most), min_size=2, max_size=6, unique=True)
    return correct.map(lambda right: [images / 100 for images in right])


SAMPLES = samples(9900)
CLOSE = samples(9380)  # within the margin, so that equivalence is shown in about half of them


def word(verdict: str) -> str:
    return verdict.partition(",")[0]


def spread(value: float, half: float) -> Estimate:
    """Return an estimate whose interval is `value` -+ `half`, of 3 seeds in 2 cells."""
    error = half / stats.t.ppf(CONFIDENCE, 4)
    return Estimate(value, (3, 3), Noise(error / math.sqrt(2 / 3), 4, 2))


@settings(deadline=None)
@given(CLOSE, CLOSE)
def test_equivalence_is_two_one_sided_tests(first: list[float], second: list[float]) -> None:
    assume(first != second)
    lower = stats.ttest_ind([x + MARGIN for x in first], second, alternative="greater").pvalue
    upper = stats.ttest_ind([x - MARGIN for x in first], second, alternative="less").pvalue
    p = max(lower, upper)
    assume(not math.isclose(p, 1 - CONFIDENCE, abs_tol=1e-9))
    shown = difference(first, second, pooled([first, second]))
    (found,) = decide([Comparison(shown, EQUIVALENT)], RULE)
    assert (found.word == REPRODUCED) == (p < 1 - CONFIDENCE)
    if found.word == REPRODUCED:
        assert found.p == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "half", "verdict"),
    [
        (0.3, 0.4, REPRODUCED),
        (-0.3, 0.4, REPRODUCED),
        (0.3, 0.6, UNDECIDED),
        (0.0, 2.0, UNDECIDED),
        (1.3, 0.6, UNDECIDED),
        (1.3, 0.4, NOT_REPRODUCED),
        (-1.3, 0.4, NOT_REPRODUCED),
    ],
)
def test_a_value_against_a_printed_one(value: float, half: float, verdict: str) -> None:
    assert word(judge(spread(value, half), EQUIVALENT, RULE)) == verdict


@pytest.mark.parametrize(
    ("printed", "low", "high", "verdict"),
    [
        (-0.95, -3.0, -1.0, REPRODUCED),
        (-0.95, -3.0, 0.0, UNDECIDED),
        (-0.95, -0.5, 0.5, NOT_REPRODUCED),
        (-0.95, -0.5, 3.0, NOT_REPRODUCED),  # equivalent or above, in no case below
        (-0.44, -0.5, 0.5, REPRODUCED),
        (-0.44, -1.5, 0.5, UNDECIDED),
        (-0.44, -3.0, -1.0, NOT_REPRODUCED),
        (1.99, 1.0, 3.0, REPRODUCED),
        (1.99, -1.0, 3.0, UNDECIDED),
        (1.99, -1.0, 0.7, NOT_REPRODUCED),
    ],
)
def test_an_ordering_against_a_printed_one(
    printed: float, low: float, high: float, verdict: str
) -> None:
    shown = spread((low + high) / 2, (high - low) / 2)
    mirrored = shown._replace(value=-shown.value)
    assert word(judge(shown, ordering(printed, MARGIN), RULE)) == verdict
    assert word(judge(mirrored, ordering(-printed, MARGIN), RULE)) == verdict


Cells = list[list[float]]
CELLS = st.lists(SAMPLES, min_size=3, max_size=5)


def family(cells: Cells, printed: float) -> list[Comparison]:
    """Compare the first cell with each other one."""
    noise = pooled(cells)
    region = ordering(printed, MARGIN)
    return [Comparison(difference(cells[0], each, noise), region, MARGIN) for each in cells[1:]]


def shuffled(cells: Cells) -> Cells:
    """Name the baselines and the seeds anew: another order of both."""
    return [cells[0][::-1], *(each[::-1] for each in reversed(cells[1:]))]


@pytest.mark.parametrize("renamed", [shuffled, lambda cells: [sorted(each) for each in cells]])
@settings(deadline=None)
@given(cells=CELLS, printed=st.floats(-3, 3))
def test_names_change_no_verdict(
    renamed: Callable[[Cells], Cells], cells: Cells, printed: float
) -> None:
    one, other = (family(each, printed) for each in (cells, renamed(cells)))
    assume(all(abs(each.p - 0.05) > 1e-9 for each in decide(one, RULE)))
    assert together(decide(one, RULE), RULE) == together(decide(other, RULE), RULE)


@settings(deadline=None)
@given(CELLS, st.floats(-3, 3))
def test_swapping_the_sides_mirrors(cells: Cells, printed: float) -> None:
    one = family(cells, printed)
    region = ordering(-printed, MARGIN)
    mirrored = [
        Comparison(each.shown._replace(value=-each.shown.value), region, MARGIN) for each in one
    ]
    assert [each.word for each in decide(one, RULE)] == [e.word for e in decide(mirrored, RULE)]


@settings(deadline=None)
@given(CELLS)
def test_equivalence_is_never_shown_by_an_interval_wider_than_the_region(cells: Cells) -> None:
    for each in (compared := family(cells, 0.0)):
        low, high = each.shown.interval(CONFIDENCE)
        if high - low > 2 * MARGIN:
            assert together(decide(compared, RULE), RULE) != REPRODUCED


def test_holm_by_hand() -> None:
    """3 x 0.01, 2 x 0.02 and 1 x 0.03, never falling; and none above 1."""
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_verdict_that_holds_alone_may_not_hold_among_many() -> None:
    """The difference is shown with p = 0.03 alone; among four the smallest p counts four times."""
    freedom = 4
    error = 0.5
    shown = Estimate(-MARGIN - error * stats.t.ppf(0.97, freedom), (2, 2), Noise(error, freedom, 4))
    (alone,) = decide([Comparison(shown, EQUIVALENT)], RULE)
    assert alone.word == NOT_REPRODUCED
    assert alone.p == pytest.approx(0.03)
    middle = Comparison(shown._replace(value=0.0), EQUIVALENT)
    among = decide([Comparison(shown, EQUIVALENT), *[middle] * 3], RULE)
    assert among[0].word == UNDECIDED
    assert among[0].p == pytest.approx(0.12)


@pytest.mark.slow
def test_a_family_is_wrong_in_one_of_twenty_at_most() -> None:
    """4 cells equal a fifth but for the margin: each true difference is on the region's edge.

    2,000 families: a share of 0.05 has an error of 0.0049, of which 3 are allowed.
    """
    import numpy as np

    random, wrong, families = np.random.default_rng(3), 0, 2_000
    for _ in range(families):
        cells = random.standard_normal((5, 3))
        cells[0] -= MARGIN
        compared = family([list(map(float, each)) for each in cells], 0.0)
        wrong += any(each.word == NOT_REPRODUCED for each in decide(compared, RULE))
    assert wrong / families <= 0.05 + 3 * 0.0049


def test_one_seed_is_undecided_whatever_was_measured() -> None:
    noise = pooled([[94.4], [20.0]])
    assert noise is None
    for region in (BELOW, EQUIVALENT, ABOVE):
        shown = difference([94.4], [20.0], noise)
        assert judge(shown, region, RULE) == "undecided, needs 2 seeds or more"


def test_a_counted_value_needs_no_seeds() -> None:
    more = Region(1, math.inf)
    assert judge(exact(1.2), more, RULE) == REPRODUCED
    assert judge(exact(1.0), more, RULE) == NOT_REPRODUCED
    assert judge(exact(0.7), more, RULE) == NOT_REPRODUCED


def test_an_undecided_statement_says_how_many_seeds_it_needs() -> None:
    """Two cells of deviation 1, margin 0.5: 70 seeds show equivalence, 51 half a deviation."""
    noise = Noise(1.0, 4, 2)
    shown = Estimate(0.1, (3, 3), noise)
    assert judge(shown, within(0.5), RULE) == "undecided, needs about 70 seeds"
    assert judge(shown, ABOVE_ZERO, RULE, 0.5) == "undecided, needs about 51 seeds"
    assert judge(shown, BELOW_ZERO, RULE._replace(unit="repetitions"), 0.5) == (
        "undecided, needs about 51 repetitions"
    )
    assert judge(shown, within(0.01), RULE) == "undecided, needs more than 1000 seeds"
    near = Estimate(0.45, (90, 90), Noise(1.0, 178, 2))
    assert judge(near, within(0.5), RULE) == "undecided, needs more than 90 seeds"


@pytest.mark.parametrize("value", [0.5, -0.5])
def test_without_a_planned_difference_seeds_follow_from_the_measured_one(value: float) -> None:
    """Half a deviation on either side of zero needs 51, whether the statement then holds or not."""
    shown = Estimate(value, (3, 3), Noise(1.0, 4, 2))
    for region in (ABOVE_ZERO, BELOW_ZERO):
        assert judge(shown, region, RULE) == "undecided, needs about 51 seeds"


def test_statements_together_hold_where_each_does() -> None:
    yes, no = (Decision(each, 0.01, 3, 3) for each in (REPRODUCED, NOT_REPRODUCED))
    some, many, unknown = (Decision(UNDECIDED, 0.5, 3, n) for n in (20, 50, None))
    assert together([yes, yes], RULE) == REPRODUCED
    assert together([yes, some, many], RULE) == "undecided, needs about 50 seeds"
    assert together([some, unknown], RULE) == "undecided, needs 4 seeds or more"
    assert together([no, unknown, yes], RULE) == NOT_REPRODUCED


def test_several_measurements_are_one_family() -> None:
    text, verdict = several({"a": exact(-1), "b": exact(2)}, BELOW_ZERO, RULE)
    assert text == "a: -1.00 [-1.00, -1.00]; b: +2.00 [+2.00, +2.00]"
    assert verdict == NOT_REPRODUCED
    assert several({"a": exact(-1)}, BELOW_ZERO, RULE)[1] == REPRODUCED
    noise = Noise(1.0, 6, 3)
    shown = average([-1.0, -0.2], noise)
    alone, among = (
        several(dict.fromkeys(names, shown), BELOW_ZERO, RULE, 1.0)[1] for names in ("a", "abc")
    )
    needs = [int(text.split()[3]) for text in (alone, among)]
    assert needs[0] < needs[1]
