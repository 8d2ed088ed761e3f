"""A claim has a row for each of its cells, or one that says what is missing."""

from collections.abc import Iterator

from loft.core.reporting.verdicts.claims import NOT_JUDGED, Claim, Judged, repeated, rows


def halves(numbers: list[int]) -> Iterator[Judged]:
    for number in numbers:
        yield Judged(str(number), "", f"{number / 2:g}", "reproduced", "by hand")


CLAIM = Claim("halves", "section 1", "numbers have halves", halves, "numbers")


def test_rows_have_what_was_judged() -> None:
    found = rows([CLAIM], [3, 4], model="m")
    assert [row["measured"] for row in found] == ["1.5", "2"]
    assert found[0] == {
        **{"claim": "halves", "source": "section 1", "model": "m", "cell": "3", "against": ""},
        **{"statement": "numbers have halves", "measured": "1.5", "verdict": "reproduced"},
        "evidence": "by hand",
    }


def test_what_cannot_be_judged_says_what_it_needs() -> None:
    (row,) = rows([CLAIM], [])
    assert (row["verdict"], row["evidence"]) == (NOT_JUDGED, "needs numbers")


def test_repetitions_in_words() -> None:
    assert [repeated([0]), repeated([0, 0], "repetition")] == ["1 seed", "2 repetitions"]
