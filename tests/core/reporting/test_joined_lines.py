"""Lines are read with their provenance, without it, and never with another job's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.metrics import Journal, read
from loft.core.reporting.provenance import beside


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    journal = Journal({"step": "test"}, device="cpu")
    journal.add("worker", {"pid": 12}, rank=0)
    journal.write(tmp_path / "metrics.jsonl")
    return tmp_path / "metrics.jsonl"


def test_lines_have_their_provenance(metrics: Path) -> None:
    first, second = read_joined(metrics)
    assert (first["step"], first["device"]) == ("test", "cpu")
    assert (second["rank"], second["pid"]) == (0, 12)


def test_lines_without_provenance_are_as_they_are(metrics: Path) -> None:
    beside(metrics).unlink()
    assert read_joined(metrics) == read(metrics)


def put(number: int, **values: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda lines: lines[number].update(values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put(0, date="yesterday"), "line 1: date: found 'yesterday'; expected a date"),
        (put(1, pid=-1), "line 2: pid: found -1"),
        (put(1, seconds="long"), "line 2: seconds: found 'long'"),
        (put(1, line=3), "line 2: line: found 3; expected 2; remove the file"),
        (put(1, kind="epoch"), "line 2: kind: found 'epoch'; expected 'worker', as in metrics"),
        (lambda lines: lines.pop(), "found 1 lines; expected 2, as in metrics.jsonl; remove"),
    ],
)
def test_damaged_provenance_is_one_line(
    metrics: Path, change: Callable[[list[dict[str, Any]]], None], expected: str
) -> None:
    path = beside(metrics)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    change(lines)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_joined(metrics)
    assert str(error.value).startswith(f"{path}: ")
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["{", "[1]\n", "[" * 100_000, "\xff"])
def test_provenance_that_is_no_json_is_one_line(metrics: Path, text: str) -> None:
    beside(metrics).write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match=r"provenance\.jsonl: line 1"):
        read_joined(metrics)
