"""Lines: written whole, read line by line, and clear about what is damaged."""

from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.metrics import Journal, read


def test_lines_are_read_back_as_written(tmp_path: Path) -> None:
    journal = Journal({"step": "test"})
    journal.add("epoch", epoch=1, loss=0.5)
    journal.write(tmp_path / "deep" / "metrics.jsonl")
    first, second = read(tmp_path / "deep" / "metrics.jsonl")
    assert first["kind"] == "job"
    assert {"step", "commit", "date"} <= first.keys()
    assert (second["kind"], second["epoch"], second["loss"]) == ("epoch", 1, 0.5)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["metrics.jsonl"]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"kind": "job"}\n{"kind": "ep', encoding="utf-8")
    with pytest.raises(UserError, match="line 2 is not JSON"):
        read(path)
    with pytest.raises(UserError, match="no such file"):
        read(tmp_path / "none.jsonl")
