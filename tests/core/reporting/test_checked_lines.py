"""Lines and tables are what their readers need, or one line says which is not, and why."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import (
    Checked,
    Count,
    First,
    Key,
    Number,
    Row,
    Steps,
    counted,
    expect_steps,
    read_job,
    read_jobs,
    read_table,
)
from loft.core.settings.values import Text


class Training(First):
    """The first line of a job."""

    key: ClassVar[Key] = ("seed",)

    seed: Count
    epochs: Count

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        yield from counted(len(lines["epoch"]), self.epochs, "epoch")


class Epoch(Checked):
    """An epoch."""

    key: ClassVar[Key] = ("epoch",)

    epoch: Count
    loss: Number


class Cell(Row):
    """A row."""

    key: ClassVar[Key] = ("name",)

    name: Text
    value: Number
    maybe: Number | None = None


STEPS: Steps = {"train": {"job": Training, "epoch": Epoch}}
JOB = {"kind": "job", "step": "train", "seed": 0, "epochs": 2}
EPOCHS = [{"kind": "epoch", "epoch": number, "loss": 0.5, "more": [None]} for number in (1, 2)]


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def test_lines_stay_what_they_were(tmp_path: Path) -> None:
    path = written(tmp_path / "lines", JOB, *EPOCHS)
    assert read_job(path, STEPS) == [JOB, *EPOCHS]
    assert read_jobs([path], STEPS) == {path: [JOB, *EPOCHS]}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([{**JOB, "step": "tain"}], "found lines of step 'tain'; expected of train"),
        ([{**JOB, "step": ["train"]}], "found lines of step ['train']; expected of train"),
        ([{**JOB, "seed": -1}], "line 1: seed: found -1; input should be greater than or equal"),
        ([JOB, {"kind": "epok"}], "line 2: kind: found 'epok'; expected one of job, epoch, did yo"),
        ([JOB, {"kind": 4}], "line 2: kind: found 4; expected one of job, epoch"),
        ([JOB, {"kind": "epoch", "epoch": 1}], "line 2: loss: missing"),
        (
            [JOB, {**EPOCHS[0], "loss": "0.5"}],
            "line 2: loss: found '0.5'; input should be a valid n",
        ),
        ([JOB, {**EPOCHS[0], "loss": None}], "line 2: loss: found None; input should be a valid n"),
        (
            [JOB, {**EPOCHS[0], "loss": float("nan")}],
            "line 2: loss: found nan; input should be a f",
        ),
        ([JOB, {**EPOCHS[0], "epoch": True}], "line 2: epoch: found True; input should be a valid"),
        ([JOB, {**EPOCHS[0], "loss": 10**30}], "line 2: loss: found 1000000000000000"),
        (
            [JOB, {**EPOCHS[0], "loss": [[1] * 9] * 9}],
            "line 2: loss: found [[1, 1, 1, 1, 1, 1, ...",
        ),
        ([JOB, *EPOCHS, EPOCHS[0]], "line 4: found what line 2 says already"),
        ([JOB, JOB, *EPOCHS], "line 2: found what line 1 says already"),
        ([JOB, EPOCHS[0]], "found 1 of 2 lines of kind 'epoch'; remove the file and run the step"),
    ],
)
def test_a_line_that_is_not_what_it_should_be(
    tmp_path: Path, lines: list[dict[str, Any]], expected: str
) -> None:
    path = written(tmp_path / "lines", *lines)
    with pytest.raises(UserError) as error:
        read_job(path, STEPS)
    assert str(error.value).startswith(f"{path}: {expected}")
    assert "\n" not in str(error.value)


def test_the_same_job_counts_once(tmp_path: Path) -> None:
    one, other, next_ = (
        written(tmp_path / str(number), {**JOB, "seed": number // 2, "number": number}, *EPOCHS)
        for number in range(3)
    )
    assert [*read_jobs([one, next_], STEPS)] == [one, next_]
    with pytest.raises(UserError, match=f"{other}: found the same job as in {one}; expected it on"):
        read_jobs([one, other], STEPS)


def test_a_step_that_has_no_job_is_missed() -> None:
    expect_steps([[JOB]], ["train"])
    with pytest.raises(UserError, match="--metrics: found no lines of step 'test'; expected some"):
        expect_steps([[JOB]], ["train", "test"])


def test_a_table_is_read_and_its_content_returned(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("name,more,value,maybe\na,x,1e-3,\nb,,2,3\n", encoding="utf-8")
    rows, content = read_table(path, Cell, "a table")
    assert rows[0] == {"name": "a", "more": "x", "value": "1e-3", "maybe": ""}
    assert (len(rows), content) == (2, path.read_bytes())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "found no column 'name'; expected a table"),
        ("name,values\na,1\n", "found no column 'value', did you mean 'values'?; expected a table"),
        ("name,value,value\na,1,1\n", "found column 'value' twice; expected once"),
        ("name,value\n", "found no rows; expected a table"),
        ("name,value\na\n", "line 2: found 1 values; expected 2"),
        ("name,value\na,1\n\n", "line 3: found 0 values; expected 2"),
        ("name,value\na,\n", "line 2: value: missing"),
        ("name,value\na,one\n", "line 2: value: found 'one'; input should be a valid number"),
        ("name,value\na,inf\n", "line 2: value: found 'inf'; input should be a finite number"),
        ("name,value\na,1_0\n", "line 2: value: found '1_0'; expected a number"),
        ("name,value\na,1\na,2\n", "line 3: found what line 2 says already"),
        ('name,value\n"a,1\n', "expected a table, as CSV; found: unexpected end of data"),
        ("name,value\na\x00,1\n", "line 2: name: found 'a\\x00'; expected text without control"),
    ],
)
def test_a_table_that_is_not_what_it_should_be(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_table(path, Cell, "a table")
    assert str(error.value).startswith(f"{path}: {expected}")
