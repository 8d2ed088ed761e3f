"""Test that lines which do not fit together are refused, and name what is wrong."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import Checked, read_job
from loft.soda.line_schema import (
    STEPS,
    Curves,
    Optimum,
    Ran,
    Repetition,
    Simulated,
    TicketsRow,
    check_all_jobs,
)
from tests.conftest import ROOT
from tests.project import committed_lines
from tests.soda.made_up import JOBS, curves, repetition

PUBLISHED = [path for study in sorted(ROOT.glob("results/*/soda")) for path in
             committed_lines(study)]  # fmt: skip
ROW = {"model": "net", "dataset": "images", "method": "loft", "workers": 4, "comm_gigabytes": 3.0}


def test_published_lines_are_what_they_should_be() -> None:
    assert PUBLISHED
    for path in PUBLISHED:
        assert read_job(path, STEPS)


@pytest.mark.parametrize(
    ("schema", "line", "expected"),
    [
        (
            Optimum,
            {"kind": "optimum", "samples": 9, "features": 4, "support": 5},
            "support: found 5; expected at most features, 4",
        ),
        (
            Repetition,
            repetition(0, "converged", 9, identified_epoch=None),
            "identified_epoch: found None; expected it where contraction is known",
        ),
        (Repetition, repetition(0, "ended", 9), "Input should be 'converged', 'epochs' or"),
        (Repetition, repetition(0, "converged", -1), "entries_up"),
        (
            Curves,
            {**curves(0, [3, 2]), "time": [1.0]},
            "time: found 1 values; expected 2, as of epoch",
        ),
        (TicketsRow, ROW, "pretrain_accuracy: found none; expected a percentage above 0"),
    ],
)
def test_a_line_that_cannot_be(schema: type[Checked], line: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(expected)):
        schema.model_validate(line)


def test_a_row_that_is_not_compared_needs_no_accuracy() -> None:
    assert TicketsRow.model_validate({**ROW, "method": "dense"}).pretrain_accuracy is None
    assert TicketsRow.model_validate({**ROW, "pretrain_accuracy": 50.0}).pretrain_accuracy == 50


def test_a_simulation_has_all_its_lines() -> None:
    about = {"kind": "job", "step": "simulate", "problem": "a", "dataset": "b", "workers": 2}
    first = Simulated.model_validate({**about, "p": 0.1, "repetitions": 2, "curves": 1})
    lines: dict[str, list[Any]] = {"theory": [0], "run": [0, 1], "curves": [0]}
    assert [*first.faults(lines)] == []
    assert [*first.faults({"theory": [], "run": [0], "curves": []})] == [
        "found 0 of 1 lines of kind 'theory'",
        "found 1 of 2 lines of kind 'run'",
        "found 0 of 1 lines of kind 'curves'",
    ]


def test_real_processes_are_the_workers_and_the_master() -> None:
    about = {"kind": "job", "step": "processes", "problem": "a", "dataset": "b", "workers": 2}
    first = Ran.model_validate({**about, "p": 0.1})
    lines: dict[str, list[Any]] = {"run": [0], "process": [0, 1, 2], "replay": [0]}
    assert [*first.faults(lines)] == []
    lines["process"].pop()
    assert [*first.faults(lines)] == ["found 2 of 3 lines of kind 'process'"]


def test_problems_and_lines_are_of_each_other() -> None:
    check_all_jobs(JOBS, ["madelon", "news20"])
    with pytest.raises(UserError, match="found no lines of the optimum of 'w8a'; expected it"):
        check_all_jobs(JOBS, ["madelon", "news20", "w8a"])
    with pytest.raises(UserError, match="problems: found no 'news20', which lines of --metrics"):
        check_all_jobs(JOBS, ["madelon"])
