"""Test the rounding of measured numbers."""

from loft.diversity.rounding import short


def test_numbers_are_kept_short() -> None:
    assert short({"a": [1 / 3, 2e-9 / 7], "b": 1234567, "c": None}) == {
        "a": [0.333333, 2.85714e-10],
        "b": 1234567,
        "c": None,
    }
