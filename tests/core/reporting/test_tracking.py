"""The diary holds exactly the entries that it was filled with, however many fill it at once."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from loft.core.reporting.metrics import read
from loft.core.reporting.tracking import Entry, fill, flatten, numbers
from tests.conftest import ROOT

WRITER = """
import sys
from pathlib import Path
from loft.core.reporting.metrics import Journal
number = int(sys.argv[1])
sys.stdin.readline()
journal = Journal({"step": "pretrain", "number": number})
for epoch in range(500):
    journal.add("epoch", epoch=epoch, loss=number + epoch / 1000)
journal.write(Path(sys.argv[2]) / str(number) / "metrics.jsonl")
"""


FILLER = """
import sys
from pathlib import Path
from loft.core.reporting.joined_lines import read_joined
from loft.core.reporting.tracking import Entry, fill
database, *paths = map(Path, sys.argv[1:])
for _ in range(2):
    entries = []
    for path in paths:
        about, *lines = read_joined(path)
        metrics = [("loss", line["loss"], line["epoch"]) for line in lines]
        entries.append(Entry(str(about["number"]), about["date"], {}, {}, metrics))
    fill(database, "test", entries)
"""


def gone() -> int:
    """Return the number of a process that has ended."""
    with subprocess.Popen(["true"]) as process:
        return process.pid


def started(script: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stderr=pipe, text=True, cwd=ROOT)


def finish(processes: list["subprocess.Popen[str]"]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said


@pytest.mark.slow
def test_many_at_once_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """16 jobs end together; two processes fill one diary at the same time, twice each."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    finish([started(WRITER, number, tmp_path) for number in range(16)])
    paths = sorted(tmp_path.rglob("metrics.jsonl"))
    expected = {
        (str(number), epoch): number + epoch / 1000 for number in range(16) for epoch in range(500)
    }
    written = {
        (str(job[0]["number"]), line["epoch"]): line["loss"]
        for job in map(read, paths)
        for line in job[1:]
    }
    assert written == expected
    database = tmp_path / "diary" / "mlflow.db"
    left = database.with_name(f".{database.name}.{gone()}")  # by a diary that was killed
    left.mkdir(parents=True)
    (left / database.name).write_bytes(b"half")
    finish([started(FILLER, database, *paths) for _ in range(2)])
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "select name, step, value from metrics join runs using (run_uuid) where key = 'loss'"
        ).fetchall()
        runs = connection.execute("select name from runs").fetchall()
    assert len(rows) == len(expected) == 8000
    assert {(name, step): value for name, step, value in rows} == expected
    assert sorted(name for (name,) in runs) == sorted(str(number) for number in range(16))
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_nested_settings_get_dotted_names() -> None:
    values = {"model": {"name": "net", "width": 4}, "seed": 0, "tickets": [{"ratio": 0.5}], "a": {}}
    assert flatten(values) == {
        "model.name": "net",
        "model.width": "4",
        "seed": "0",
        "tickets": "[{'ratio': 0.5}]",
    }


def test_measured_values_are_numbers_and_what_is_not_known_is_left_out() -> None:
    line = {"kind": "epoch", "loss": 1, "test_accuracy": None, "bytes_sent": 7.5}
    found = numbers(line, ("loss", "train_accuracy", "test_accuracy", "bytes_sent"))
    assert found == [("loss", 1.0), ("bytes_sent", 7.5)]
    assert all(isinstance(value, float) for _, value in found)


@pytest.mark.slow
def test_a_diary_filled_again_holds_the_new_entries_alone(tmp_path: Path) -> None:
    """In one process, as MLflow keeps what it opened."""
    database = tmp_path / "mlflow.db"
    for name in ("first", "second"):
        fill(database, "test", [Entry(name, None, {}, {"key": name}, [("loss", 1.0, 0)])])
        with sqlite3.connect(database) as connection:
            assert connection.execute("select name from runs").fetchall() == [(name,)]
    assert [path.name for path in tmp_path.iterdir()] == [database.name]
