"""Claims on how rankings settle, judged from made-up measurements whose answer is known."""

import pytest

from loft.tickets.report.verdicts.claims import rankings
from loft.tickets.report.verdicts.judging import NOT_REPRODUCED, REPRODUCED
from loft.tickets.results.cells import UNPRUNED
from tests.tickets.report.verdicts.claims.made_up import RULE, judged, measured


def test_a_distance_that_rises_once_does_not_fall() -> None:
    rises = [[4.0 + e, 1.0 + e, 2.0 - e, 0.0] for e in (-0.01, 0.0, 0.01)]
    found = list(rankings.distance_falls(measured(distances={"loft-4": rises}), RULE))
    assert judged(iter(found)) == {("loft-2", ""): REPRODUCED, ("loft-4", ""): NOT_REPRODUCED}
    assert found[0].measured.startswith("3 of 3 steps fall, 3 of them beyond doubt")
    assert found[1].measured.startswith("2 of 3 steps fall, 2 of them beyond doubt")
    assert "weakest, epoch 1 to 2: +1.00" in found[1].measured


def test_faster_is_less_distance_left() -> None:
    """Of 4: (2 + 1) / 2 is 37.5 % left, (1 + 0.5) / 2 is 18.75 %, (4 + 3) / 2 is 87.5 %."""
    fast = [[4.0 + e, 1.0 + e, 0.5, 0.0] for e in (-0.01, 0.0, 0.01)]
    slow = [[4.0 + e, 4.0, 3.0 + e, 0.0] for e in (-0.01, 0.0, 0.01)]
    found = list(
        rankings.distance_falls_faster(measured(distances={"loft-2": fast, "loft-4": slow}), RULE)
    )
    assert judged(iter(found)) == {
        ("loft-2", "gpipe-2"): REPRODUCED,
        ("loft-4", "gpipe-4"): NOT_REPRODUCED,
    }
    assert found[0].measured.startswith("-18.7")
    assert found[0].measured.endswith("points from GPipe's 37.5 %")


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
