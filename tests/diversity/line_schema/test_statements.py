"""Lines of the paper's statements that do not fit together are refused."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from loft.diversity.line_schema.statements import BOUNDS, MECHANISMS, Stable, Statements
from loft.diversity.theorems import THEOREMS

FIRST = Statements.model_validate(
    {"kind": "job", "step": "statements", "deltas": [0.0, 1.0], "stability_batches": [4.0]}
)
STABLE: dict[str, Any] = {"kind": "stability", "batch": 1, "step": 0.5, "updates": 9}
STABLE |= {"least_bound": 1.0, "bound": 2.0, "distances": [0.1], "gaps": [0.2]}


def lines() -> dict[str, list[Any]]:
    return {
        "convergence": [0] * 2 * len(THEOREMS),
        "stability": [SimpleNamespace(batch=batch) for batch in (1, 8)],
        "bound": [0] * BOUNDS,
        "mechanism": [0] * MECHANISMS,
    }


def test_every_theorem_has_every_delta() -> None:
    assert [*FIRST.faults(lines())] == []
    short = {kind: found[:-1] for kind, found in lines().items()}
    count = 2 * len(THEOREMS)
    assert [*FIRST.faults(short)] == [
        f"found {count - 1} of {count} lines of kind 'convergence'",
        "found 1 of 2 lines of kind 'stability'",
        f"found {BOUNDS - 1} of {BOUNDS} lines of kind 'bound'",
        f"found {MECHANISMS - 1} of {MECHANISMS} lines of kind 'mechanism'",
    ]


def test_stability_is_held_against_serial_sgd() -> None:
    without = {**lines(), "stability": [SimpleNamespace(batch=8)] * 2}
    assert [*FIRST.faults(without)] == ["found no line of kind 'stability' of batch 1"]


def test_serial_sgd_must_part_from_itself() -> None:
    assert Stable.model_validate(STABLE)
    assert Stable.model_validate({**STABLE, "batch": 8, "distances": [0.0]})
    for name in ("distances", "gaps"):
        with pytest.raises(ValidationError, match="distances, gaps: found 0 at batch 1; expected"):
            Stable.model_validate({**STABLE, name: [0.0]})
