"""Several measurements give one verdict."""

from loft.tickets.report.verdicts.claims.claim import BELOW_ZERO, seeds, several
from loft.tickets.report.verdicts.judging import NOT_REPRODUCED, REPRODUCED, exact


def test_the_worst_verdict_counts() -> None:
    text, verdict = several({"a": exact(-1), "b": exact(2)}, BELOW_ZERO)
    assert text == "a: -1.00 [-1.00, -1.00]; b: +2.00 [+2.00, +2.00]"
    assert verdict == NOT_REPRODUCED
    assert several({"a": exact(-1)}, BELOW_ZERO)[1] == REPRODUCED


def test_seeds_in_words() -> None:
    assert [seeds([0]), seeds([0, 0])] == ["1 seed", "2 seeds"]
