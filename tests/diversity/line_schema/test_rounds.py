"""Lines of rounds that do not fit together are refused."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from loft.core.reporting.checked_lines import read_job
from loft.diversity.line_schema.rounds import ROUNDS, Changes, Updates
from tests.conftest import ROOT

PUBLISHED = sorted(ROOT.glob("results/*/tickets/metrics/*/*/*/updates/metrics.jsonl"))
FIRST = Updates.model_validate(
    {"kind": "job", "step": "updates", "model": {"name": "m"}, "cell": "loft-2", "seed": 0}
    | {"workers": 2, "batch_size": 8, "snapshots": [0, 5], "local_iterations": [1, 4]}
)


def named(*identities: tuple[int, int]) -> list[Any]:
    return [SimpleNamespace(identity=lambda own=own: own) for own in identities]


def test_published_lines_are_what_they_should_be() -> None:
    assert PUBLISHED
    for path in PUBLISHED:
        assert read_job(path, ROUNDS)


def test_every_snapshot_has_its_workers_and_lengths() -> None:
    """Gradients of ranks 0 and 1, changes after 1 and 4 local iterations."""
    lines = {
        "gradients": named((0, 0), (0, 1), (5, 0), (5, 1)),
        "updates": named((0, 1), (0, 4), (5, 1), (5, 4)),
    }
    assert [*FIRST.faults(lines)] == []
    assert [*FIRST.faults({**lines, "gradients": lines["gradients"][:3]})] == [
        "found 3 of 4 lines of kind 'gradients'"
    ]
    other = [*lines["updates"], *named((9, 1))]
    assert [*FIRST.faults({**lines, "updates": other})] == [
        "found a line of kind 'updates' of (9, 1), which was not asked for"
    ]


def test_changes_of_nothing_are_refused() -> None:
    line = {"kind": "updates", "epoch": 0, "iterations": 1, "shared_squares": 2.0}
    line |= {"shared_together": 3.0, "partitioned_squares": -1e-18}  # of rounding alone
    assert Changes.model_validate(line)
    with pytest.raises(ValidationError, match="greater than 0"):
        Changes.model_validate({**line, "shared_together": 0.0})
