"""Lines: written whole, read line by line, and clear about what is damaged."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from loft.cli import main
from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_job
from loft.core.reporting.metrics import Journal, read, read_whole
from loft.tickets.results.schema.all_jobs import STEPS as TICKETS
from tests.conftest import ROOT

LINES = '{"kind": "job", "step": "test"}\n{"kind": "epoch", "loss": 0.5}\n'
MADE = ROOT / "results" / "digits"  # what the committed tables are made from


def test_lines_are_read_back_as_written(tmp_path: Path) -> None:
    journal = Journal({"step": "test"})
    journal.add("epoch", epoch=1, loss=0.5)
    journal.write(tmp_path / "deep" / "metrics.jsonl")
    first, second = read(tmp_path / "deep" / "metrics.jsonl")
    assert first == {"kind": "job", "step": "test"}
    assert second == {"kind": "epoch", "epoch": 1, "loss": 0.5}
    made = {path.name for path in (tmp_path / "deep").iterdir()}
    assert made == {"metrics.jsonl", "provenance.jsonl"}


@pytest.mark.parametrize("key", ["settings", "commit", "date"])
def test_lines_of_earlier_versions_are_refused(tmp_path: Path, key: str) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(json.dumps({"kind": "job", "step": "test", key: {}}) + "\n", encoding="utf-8")
    expected = f"line 1: found '{key}', as earlier versions wrote; remove the file and run"
    with pytest.raises(UserError, match=expected):
        read(path)


@pytest.mark.parametrize(
    "end", [b'{"kind": "ep', b'{"kind": "epoch", "loss": 0.4', b"\xff\xfe\x00", b"4"]
)
def test_a_line_cut_off_costs_itself_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], end: bytes
) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(LINES.encode() + end)
    assert [line["kind"] for line in read(path)] == ["job", "epoch"]
    assert capsys.readouterr().err == f"{path}: line 3 is cut off; going on without it\n"
    with pytest.raises(UserError, match=r"metrics\.jsonl: line 3 is cut off; remove the file"):
        read_whole(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"kind": "job"}\n{"kind": "ep\n{"kind": "epoch"}\n', "line 2 is damaged: found '{\"kind"),
        ('{"kind": "job"}\n\n{"kind": "epoch"}\n', "line 2 is damaged: found ''"),
        ('{"kind": "job"}\n{"kind": "ep\n', "line 2 is damaged"),  # whole lines are no half ones
        ('{"kind": "job"}\n[1]\n', r"line 2 is damaged: found '\[1\]'; expected a JSON object"),
        ('{"kind": "job"}\n{"epoch": 1}\n', "line 2 is damaged"),
        ('{"kind": "job"}\n' + "[" * 100_000 + "\n", "line 2 is damaged"),
        ('{"kind": "j', "line 1 is damaged"),
        ('{"kind": "epoch"}\n', "expected a first line that says what the job was"),
        ("", "expected a first line that says what the job was"),
    ],
)
def test_any_other_damage_is_an_error(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=expected) as error:
        read(path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.jsonl: no such file"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        read(tmp_path)


STEPS = {  # what makes tables or figures -> its settings, and the lines that it reads
    "table": ("tickets/metrics/preresnet18", '{"verdict": {"margin": 0.8, "confidence": 0.95}}'),
    "theorem1-report": ("theorem1/metrics", '{"fit": {"confidence": 0.95, "resamples": 100}}'),
    "theorem1-figures": ("theorem1/metrics", '{"fit": {"confidence": 0.95, "resamples": 100}}'),
    "soda-tables": ("soda", '{"problems": []}'),
    "soda-figures": ("soda", '{"problems": []}'),
    "soda-compare": ("soda", '{"problems": []}'),
}


@pytest.mark.parametrize("step", STEPS)
def test_tables_and_figures_say_what_is_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    """They would count without the line, and nobody would see it."""
    folder, settings = STEPS[step]
    source = sorted((MADE / folder).rglob("metrics.jsonl"))[0]
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(source.read_bytes()[:-20])
    given = [step, "--settings", settings, "--metrics", str(path), "--out", str(tmp_path / "made")]
    given += ["--summary", str(tmp_path / "made.json")] if step == "table" else []
    assert main(given) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"loft: {path}: line ")
    assert "is cut off; remove the file and run the step that writes it again" in said
    assert said.count("\n") == 1
    assert [*tmp_path.iterdir()] == [path]


def test_a_table_is_not_made_of_other_steps_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = sorted((MADE / "soda").rglob("metrics.jsonl"))[0]
    given = ["table", "--settings", STEPS["table"][1], "--out", str(tmp_path)]
    given += ["--metrics", str(lines), "--summary", str(tmp_path / "made.json")]
    assert main(given) == 2
    assert "found lines of step 'optimum'; expected of pretrain" in capsys.readouterr().err


@pytest.mark.parametrize("found", ["loft-2", "loft-2/seed0/finetune", "../distances"])
def test_lines_that_are_missing_as_a_whole_are_missed(tmp_path: Path, found: str) -> None:
    """The end of a job, cut at the end of a line."""
    source = next((MADE / "tickets/metrics/preresnet18" / found).rglob("metrics.jsonl"))
    assert read_job(source, TICKETS)
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b"".join(source.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(UserError, match=r"found \d+ of \d+ lines of kind '\w+'; remove the file"):
        read_job(path, TICKETS)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["an experiment", "a layer", "a folder in its place"])
def test_what_mlflow_refuses_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    lines = [MADE / "tickets/metrics/preresnet18/unpruned/seed0/metrics.jsonl"]
    distances = read(MADE / "tickets/metrics/distances/metrics.jsonl")
    own = [line for line in distances if line.get("cell", "unpruned") == "unpruned"]
    if wrong == "a layer":
        for line in own:
            line["layers"] = {"{a}": line["mean"]} if "layers" in line else {}
    lines.append(tmp_path / "distances.jsonl")
    lines[-1].write_text("".join(f"{json.dumps(line)}\n" for line in own), encoding="utf-8")
    database = tmp_path / "made" / "mlflow.db"
    if wrong == "a folder in its place":
        database.mkdir(parents=True)
    experiment = "" if wrong == "an experiment" else "test"
    given = ["diary", "--experiment", experiment, "--database", str(database)]
    assert main([*given, "--metrics", *map(str, lines)]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"loft: {database}: ")
    assert [path.name for path in database.parent.iterdir()] in ([], [database.name])


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


def test_the_diary_goes_on_without_a_line_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[int] = []
    monkeypatch.setattr(
        "loft.tickets.report.diary.fill",
        lambda _, __, entries: filled.extend(len(entry.metrics) for entry in entries),
    )
    source = MADE / "tickets/metrics/preresnet18/loft-2/seed0/metrics.jsonl"
    given = ["--experiment", "test", "--database", str(tmp_path / "mlflow.db")]
    path = tmp_path / "metrics.jsonl"  # away from the run's provenance, which only its maker has
    path.write_bytes(source.read_bytes())
    assert main(["diary", "--metrics", str(path), *given]) == 0
    path.write_bytes(source.read_bytes()[:-20])
    lines = source.read_text(encoding="utf-8").splitlines()
    assert "bytes_sent" in json.loads(lines[-1])
    assert main(["diary", "--metrics", str(path), *given]) == 0
    assert filled == [filled[0], filled[0] - 1]
    assert f"{path}: line {len(lines)} is cut off" in capsys.readouterr().err
