"""Claims on speed and exchanges, from repetitions written by hand whose answer is known."""

from typing import Any

import pytest

from loft.core.reporting.verdicts.claims import NOT_CLAIMED, NOT_JUDGED
from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED, UNDECIDED
from loft.soda.jobs import Shown
from loft.soda.measurements import Row
from loft.soda.tables import claims
from tests.soda.made_up import optimum


def runs(p: float, time: float, sent: float, failures: int = 0) -> list[Row]:
    """Return three repetitions around a time and a number of entries, and those that failed."""
    about: dict[str, Any] = {"problem": "own", "p": p, "entries_down": 0}
    near = [
        {**about, "outcome": "converged", "time": time * near, "entries_up": sent * near}
        for near in (0.99, 1.0, 1.01)
    ]
    failed = {**about, "outcome": "epochs", "time": 1.0, "entries_up": 1.0}
    return [*near, *[failed] * failures]


def judged(rows: list[Row], dataset: str, *figures: Any) -> dict[str, tuple[str, str, str]]:
    shown = Shown(problem="own", stands_for=None, figures=list(figures))
    table = claims.make([shown], [optimum("own", dataset)], rows)
    return {
        row["claim"]: (row["cell"], row["measured"], row["verdict"].partition(",")[0])
        for row in table
    }


@pytest.mark.parametrize(
    ("time", "faster", "twice"),
    [
        (0.5, REPRODUCED, REPRODUCED),
        (0.8, REPRODUCED, NOT_REPRODUCED),
        (1.2, NOT_REPRODUCED, NOT_REPRODUCED),
    ],
)
def test_speed_is_dave_pgs_time_over_sodas(time: float, faster: str, twice: str) -> None:
    rows = [*runs(1.0, 1.0, 100.0), *runs(0.1, time, 30.0)]
    found = judged(rows, "rcv1_train", 1)
    assert found["faster_than_dave_pg"][2] == faster
    assert found["twice_as_fast"][2] == twice
    assert found["twice_as_fast"][1].startswith(f"{1 / time:.3g} [")


@pytest.mark.parametrize(("dataset", "figures"), [("madelon", [1]), ("rcv1_train", [3])])
def test_speed_is_claimed_of_figure_1_alone(dataset: str, figures: list[int]) -> None:
    found = judged([*runs(1.0, 1.0, 100.0), *runs(0.1, 0.5, 30.0)], dataset, *figures)
    assert found["faster_than_dave_pg"][2] == found["twice_as_fast"][2] == NOT_CLAIMED


def test_fewer_exchanges_means_at_each_probability_of_the_range() -> None:
    """0.005 lies outside, so it may exchange more."""
    rows = [*runs(1.0, 1.0, 100.0), *runs(0.6, 1.0, 70.0), *runs(0.005, 1.0, 900.0)]
    assert judged(rows, "madelon", 2)["fewer_exchanges"][2] == REPRODUCED
    found = judged([*rows, *runs(0.01, 1.0, 120.0)], "madelon", 2)
    assert found["fewer_exchanges"][2] == NOT_REPRODUCED


def test_the_best_probability_is_held_to_all_outside() -> None:
    rows = [*runs(1.0, 1.0, 100.0), *runs(0.3, 1.0, 40.0), *runs(0.003, 1.0, 60.0)]
    found = judged(rows, "madelon", 2)["best_probability"]
    assert found[0] == "own, p = 0.3"
    assert found[2] == REPRODUCED
    for sent, word in ((30.0, NOT_REPRODUCED), (40.0, UNDECIDED)):
        other = judged([*rows[:-3], *runs(0.003, 1.0, sent)], "madelon", 2)
        assert other["best_probability"][2] == word
    assert judged(rows, "rcv1_train", 1)["best_probability"][2] == NOT_CLAIMED


def test_a_probability_with_failures_is_not_the_best() -> None:
    rows = [*runs(1.0, 1.0, 100.0), *runs(0.3, 1.0, 40.0), *runs(0.03, 1.0, 10.0, failures=1)]
    assert judged(rows, "madelon", 2)["best_probability"][0] == "own, p = 0.3"


def test_a_run_without_what_a_claim_needs_says_so() -> None:
    found = judged(runs(1.0, 1.0, 100.0), "madelon", 2)
    assert {each[2] for each in found.values()} == {NOT_JUDGED}
