"""Test the values that tables and figures take from lines, by hand."""

import json
from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.soda.jobs import Shown
from loft.soda.measurements import (
    Row,
    entries,
    grouped,
    only,
    optima,
    read_jobs,
    sent,
    title,
    to_csv,
)
from tests.soda.made_up import JOBS, SHOWN, repetition


def test_jobs_are_told_by_their_step() -> None:
    assert [job[0]["p"] for job in only(JOBS, "simulate")] == [0.1, 1.0]
    assert only(JOBS, "processes") == []


def test_an_optimum_is_what_was_solved_and_what_was_found() -> None:
    found = optima(JOBS)["news20"]
    assert (found["lambda_1"], found["features"], found["support"]) == (0.02, 40, 4)


def test_what_is_sent_goes_both_ways() -> None:
    """90 entries of 12 bytes up, and 10 entries down."""
    run = repetition(0, "converged", 90)
    assert (entries(run), sent(run)) == (100, 90 * 12 + 120)


def test_repetitions_are_grouped_in_the_given_order() -> None:
    rows = [{"problem": name, "p": p, "n": n} for n, (name, p) in
            enumerate([("b", 1.0), ("a", 1.0), ("b", 1.0), ("b", 0.5)])]  # fmt: skip
    found = {key: [row["n"] for row in group] for key, group in grouped(rows).items()}
    assert [*found.items()] == [(("b", 1.0), [0, 2]), (("a", 1.0), [1]), (("b", 0.5), [3])]


def test_a_stand_in_is_named_as_one() -> None:
    shown = Shown(problem="a", stands_for="rcv1_train", figures=[])
    assert title(shown, "news20") == "news20 (stand-in for rcv1_train)"
    assert title(shown.model_copy(update={"stands_for": None}), "news20") == "news20"


def test_numbers_have_six_digits_and_what_is_missing_is_blank() -> None:
    rows: list[Row] = [{"a": 1.23456789, "b": None, "more": 1}, {"a": 3, "b": "x, y"}]
    assert to_csv(rows, ["a", "b", "c"]) == 'a,b,c\n1.23457,,\n3,"x, y",\n'


def test_a_shown_problem_needs_its_optimum(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(len(JOBS))]
    for path, job in zip(paths, JOBS, strict=True):
        path.write_text("".join(f"{json.dumps(line)}\n" for line in job), encoding="utf-8")
    assert read_jobs(SHOWN.problems, paths) == JOBS
    with pytest.raises(UserError, match="found no lines of the optimum of 'news20'"):
        read_jobs(SHOWN.problems, [paths[0], *paths[2:]])
