"""Claims on how rankings settle, judged from made-up measurements whose answer is known."""

import pytest

from loft.core.reporting.verdicts.claims import NOT_CLAIMED
from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED
from loft.tickets.report.verdicts.claims import rankings
from loft.tickets.results.cells import UNPRUNED
from tests.tickets.report.verdicts.claims.made_up import CELLS, RULE, judged, measured


def test_a_distance_that_rises_once_does_not_fall() -> None:
    rises = [[4.0 + e, 1.0 + e, 2.0 - e, 0.0] for e in (-0.01, 0.0, 0.01)]
    found = list(rankings.distance_falls(measured(distances={"loft-4": rises}), RULE))
    assert judged(iter(found)) == {("loft-2", ""): REPRODUCED, ("loft-4", ""): NOT_REPRODUCED}
    assert found[0].measured.startswith("2 of 2 steps fall, 2 of them beyond doubt")
    assert found[1].measured.startswith("1 of 2 steps fall, 1 of them beyond doubt")
    assert "weakest, epoch 1 to 2: +1.00" in found[1].measured


def test_the_last_step_does_not_count() -> None:
    """It ends at zero, so it falls whatever the rankings did; one epoch has no other step."""
    rises = [[4.0 + e, 4.5 - e, 0.0] for e in (-0.01, 0.0, 0.01)]
    alone = [[4.0 + e, 0.0] for e in (-0.01, 0.0, 0.01)]
    distances = dict.fromkeys(CELLS, rises)
    found = judged(rankings.distance_falls(measured(distances=distances), RULE))
    assert found == {("loft-2", ""): NOT_REPRODUCED, ("loft-4", ""): NOT_REPRODUCED}
    distances = dict.fromkeys(CELLS, alone)
    assert judged(rankings.distance_falls(measured(distances=distances), RULE)) == {}


FAST = [[4.0 + e, 1.0 + e, 0.5, 0.0] for e in (-0.01, 0.0, 0.01)]
SLOW = [[4.0 + e, 4.0, 3.0 + e, 0.0] for e in (-0.01, 0.0, 0.01)]


def test_faster_is_less_distance_left() -> None:
    """Of 4: (2 + 1) / 2 is 37.5 % left, (1 + 0.5) / 2 is half of it, (4 + 3) / 2 is 2.33 times."""
    changed = measured(distances={"loft-2": FAST, "loft-4": SLOW}, dataset="ImageNet")
    found = list(rankings.distance_falls_faster(changed, RULE))
    assert judged(iter(found)) == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
    }
    assert found[0].measured.startswith("0.5 [0.")
    assert found[1].measured.startswith("2.33 [2.")
    assert found[0].measured.endswith("] of what GPipe has left")


def test_faster_is_not_claimed_of_other_data() -> None:
    changed = measured(distances={"loft-2": FAST, "loft-4": SLOW})
    found = list(rankings.distance_falls_faster(changed, RULE))
    assert set(judged(iter(found)).values()) == {NOT_CLAIMED}
    assert found[0].evidence == "distances.csv, 3 seeds; the paper says it of ImageNet"


def test_a_ranking_that_never_moved_has_no_share_left() -> None:
    """GPipe-2's distances are all zero with one seed: nothing to divide by, nothing to compare."""
    moved = [[4.0, 2.0, 1.0, 0.0]] * 2
    distances = {"loft-2": moved, "gpipe-2": [moved[0], [0.0] * 4], "loft-4": moved}
    found = list(rankings.distance_falls_faster(measured(distances=distances), RULE))
    assert [finding.cell for finding in found] == ["loft-4"]


@pytest.mark.parametrize(("second", "verdict"), [(2.0, REPRODUCED), (3.5, NOT_REPRODUCED)])
def test_stable_early_is_ahead_of_an_even_pace(second: float, verdict: str) -> None:
    """After 1 of 3 epochs an even pace leaves 66.7 %."""
    curves = [[4.0, second + e, 1.0, 0.0] for e in (-0.01, 0.0, 0.01)]
    (found,) = rankings.ranking_stable_early(measured(distances={UNPRUNED: curves}), RULE)
    assert found.verdict == verdict
    assert "from 66.7 % left after 1 of 3 epochs" in found.measured
