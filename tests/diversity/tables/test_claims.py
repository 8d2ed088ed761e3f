"""Claims on Figures 2 and 3, from lines written by hand whose answer is known."""

from loft.core.reporting.metrics import Line
from loft.core.reporting.verdicts.claims import NOT_JUDGED
from loft.core.reporting.verdicts.judging import NOT_REPRODUCED, REPRODUCED, UNDECIDED
from loft.diversity.tables import claims
from tests.diversity.tables.test_replication import JOB, runs


def verdicts(*jobs: list[Line]) -> dict[tuple[str, str], str]:
    table = claims.make(list(jobs), 0.95)
    return {
        (row["claim"], row["cell"]): row["verdict"].partition(",")[0]
        for row in table.to_dict("records")
    }


def test_a_gap_grows_where_it_does_at_each_replication() -> None:
    grows = [*runs("none", 1, [3.0, 3.1, 3.2]), *runs("none", 2, [5.0, 5.3, 5.2])]
    falls = [*grows, *runs("none", 4, [4.0, 4.3, 4.2])]
    noisy = [*runs("none", 1, [3.0, 3.1, 3.2]), *runs("none", 2, [2.0, 3.1, 9.2])]
    key = ("gap_grows_with_replication", "logistic")
    for lines, word in ((grows, REPRODUCED), (falls, NOT_REPRODUCED), (noisy, UNDECIDED)):
        assert verdicts([JOB, *lines])[key] == word


def test_measurements_are_ratios_of_the_same_repetition() -> None:
    """Means over looks of 1 and the ratio: 2, 3, 4 and twice as much."""
    lines = [*runs("none", 1, [3.0, 5.0, 7.0]), *runs("none", 2, [7.0, 11.0, 15.1])]
    table = claims.make([[JOB, *lines]], 0.95)
    (row,) = table[table["claim"] == "gap_grows_with_replication"].to_dict("records")
    assert row["measured"].startswith("r = 2 over 1: 2 [")
    assert row["evidence"] == "replication.csv, ratios, 3 repetitions"


def test_dropconnect_is_held_to_the_same_replication() -> None:
    plain = [*runs("none", 1, [3.0, 3.1, 3.2]), *runs("none", 2, [5.0, 5.3, 5.2])]
    lower = runs("dropconnect", 2, [4.0, 4.4, 4.3])
    higher = runs("dropconnect", 1, [4.0, 4.4, 4.3])
    key = ("dropconnect_lowers_the_gap", "logistic")
    assert verdicts([JOB, *plain, *lower])[key] == REPRODUCED
    assert verdicts([JOB, *plain, *lower, *higher])[key] == NOT_REPRODUCED
    assert verdicts([JOB, *plain])["dropconnect_lowers_the_gap", ""] == NOT_JUDGED


def test_a_batch_that_never_gets_there_needs_at_least_the_passes_that_it_had() -> None:
    job: Line = {"kind": "job", "step": "passes", "model": "m", "most_passes": 20}
    small: list[Line] = [{"kind": "passes", "batch": 8, "passes": each} for each in (5.0, 5.5)]
    large: list[Line] = [{"kind": "passes", "batch": 64, "passes": None} for _ in range(2)]
    table = claims.make([[job, *small, *large]], 0.95)
    (row,) = table[table["claim"] == "large_batches_need_more_passes"].to_dict("records")
    assert (row["cell"], row["against"]) == ("m, B = 64", "m, B = 8")
    assert row["verdict"] == REPRODUCED
    assert row["measured"].startswith("3.81 [")  # 20 / sqrt(5 * 5.5)
    assert row["measured"].endswith("at least: 2 did not get there")
