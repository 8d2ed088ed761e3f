"""A line about an unknown name ends with the nearest known name."""

from loft.core.errors import suggestion


def test_the_nearest_name_is_suggested() -> None:
    assert suggestion("epoch", ["epochs", "seeds"]) == ", did you mean 'epochs'?"


def test_nothing_is_suggested_where_no_name_is_near() -> None:
    assert suggestion("width", ["epochs", "seeds"]) == ""
    assert suggestion(7, [8.5, "seeds"]) == ""
