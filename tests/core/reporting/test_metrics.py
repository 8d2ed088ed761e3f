"""Lines: written whole, read line by line, and clear about what is damaged."""

import json
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
