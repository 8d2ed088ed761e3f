"""Lines of trainings that do not fit together are refused, and say what is wrong."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from loft.diversity.line_schema.trainings import (
    DropConnect,
    Ending,
    Passes,
    Reached,
    Replication,
    Run,
    Speedup,
    Tuned,
    all_of,
)

ABOUT: dict[str, Any] = {"kind": "job", "model": "m", "dataset": "d", "workers": 2, "weights": 9}


def named(*identities: tuple[Any, ...], **values: Any) -> list[Any]:
    """Lines of these identities."""
    return [SimpleNamespace(identity=lambda own=own: own, **values) for own in identities]


def test_what_is_missing_and_what_was_not_asked_for() -> None:
    lines = named((1,), (3,))
    assert [*all_of("pass", lines, {(1,), (2,)})] == [
        "found 1 of 2 lines of kind 'pass'",
        "found a line of kind 'pass' of (3,), which was not asked for",
    ]
    assert [*all_of("pass", lines, {(1,), (3,)})] == []


def test_everything_was_tried_with_both_batches_and_measured_at_both_ends() -> None:
    about = {"step": "replication", "batches": [4, 16], "repetitions": 2, "passes": 3}
    first = Replication.model_validate({**ABOUT, **about, "factors": {"none": [1], "qsgd": [2]}})
    tried = [("none", 1), ("qsgd", 2)]
    pairs = [(*each, size) for each in tried for size in (4, 16)]
    lines = {
        "tuned": named(*pairs),
        "run": named(*((*pair, n) for pair in pairs for n in (1, 2)), losses=[1.0]),
        "diversity": named(*((*each, when) for each in tried for when in ("start", "end"))),
    }
    assert [*first.faults(lines)] == []
    assert [*first.faults({**lines, "run": lines["run"][1:]})] == [
        "found 7 of 8 lines of kind 'run'"
    ]
    longer = named(("none", 1, 4, 1), losses=[1.0, 2.0])
    assert [*first.faults({**lines, "run": [*lines["run"][1:], *longer]})] == [
        "found runs with [1, 2] losses; expected as many in each"
    ]


@pytest.mark.parametrize(
    ("first", "kind", "identities"),
    [
        (
            Passes.model_validate({**ABOUT, "step": "passes", "batches": [4, 8], "repetitions": 2}
                                  | {"target_accuracy": 95.0, "most_passes": 9}),
            "passes",
            [(4, 1), (4, 2), (8, 1), (8, 2)],
        ),
        (
            Speedup.model_validate({**ABOUT, "step": "speedup", "batches": [4, 8]}),
            "pass",
            [(4,), (8,)],
        ),
        (
            DropConnect.model_validate({**ABOUT, "step": "dropconnect", "batches": [4, 8]}
                                       | {"drops": [0.0, 0.5], "repetitions": 1}),
            "ending",
            [(0.0, 4, 1), (0.0, 8, 1), (0.5, 4, 1), (0.5, 8, 1)],
        ),
    ],
)  # fmt: skip
def test_a_job_has_a_line_for_each_of_its_trainings(
    first: Any, kind: str, identities: list[tuple[Any, ...]]
) -> None:
    assert [*first.faults({kind: named(*identities)})] == []
    count = len(identities)
    assert [*first.faults({kind: named(*identities[1:])})] == [
        f"found {count - 1} of {count} lines of kind '{kind}'"
    ]


RUN = {"kind": "run", "mechanism": "none", "replication": 1, "batch": 4, "repetition": 1}
ENDING = {"kind": "ending", "drop": 0.5, "batch": 4, "repetition": 1, "step": 0.1, "edge": False}


@pytest.mark.parametrize(
    ("schema", "line", "expected"),
    [
        (Run, {**RUN, "losses": []}, "List should have at least 1 item"),
        (Run, {**RUN, "losses": [0.0]}, "Input should be greater than 0"),
        (Run, {**RUN, "losses": [1.0], "mechanism": "dropout"}, "Input should be 'none', 'dropcon"),
        (Tuned, {**RUN, "kind": "tuned", "step": 0.0, "edge": True}, "greater than 0"),
        (
            Ending,
            {**ENDING, "passes": 2.0, "train_seconds": None},
            "train_seconds: found None beside passes 2.0; expected both or none",
        ),
        (
            Ending,
            {**ENDING, "passes": None, "train_seconds": 1.0},
            "train_seconds: found 1.0 beside passes None; expected both or none",
        ),
    ],
)
def test_a_line_that_cannot_be(schema: Any, line: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(expected)):
        schema.model_validate(line)


def test_a_training_may_diverge_or_not_reach_its_accuracy() -> None:
    assert Run.model_validate({**RUN, "losses": [1.0, None]}).losses == [1.0, None]
    never = {**ENDING, "passes": None, "train_seconds": None}
    assert Ending.model_validate(never).passes is None
    assert Reached.model_validate(never).identity() == (4, 1)
    assert Ending.model_validate(never).identity() == (0.5, 4, 1)
