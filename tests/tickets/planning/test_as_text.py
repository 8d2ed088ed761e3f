"""Times and sizes as a plan prints them."""

import pytest

from loft.tickets.planning.as_text import duration, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.1234, "0.123 s"), (59, "59 s"), (90, "1.5 min"), (7200, "2 h"), (360_000, "100 h")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12 B"), (1500, "1.5 kB"), (2.5e6, "2.5 MB"), (3e12, "3 TB")]
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text
