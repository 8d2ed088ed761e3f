"""The table of statements, from lines written by hand."""

from typing import Any

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.tables import statements


def convergence(**changed: Any) -> str:
    line: Line = {
        "kind": "convergence",
        "theorem": "pl",
        "delta": 1.0,
        "batch": 5,
        "largest_batch": 100.0,
        "updates": 50,
        "promised": 1.0,
        "inside": True,
        "attained": [0.4, 0.5, 0.6],
    }
    table = statements.make([[{"kind": "job", "step": "s"}, {**line, **changed}]], 0.95)
    return str(table["finding"][0])


def test_statements_hold_only_with_their_conditions() -> None:
    assert convergence() == "holds"
    assert convergence(attained=[0.9, 1.0, 1.2]) == "DOES NOT HOLD"
    assert convergence(promised=None) == "nothing promised"
    assert convergence(inside=False) == "nothing promised"
    assert convergence(batch=101) == "nothing promised"


@pytest.mark.parametrize(
    ("bound", "expected", "finding"),
    [(5.0, 7.0, "holds"), (5.0, 4.0, "DOES NOT HOLD"), (50.0, 20.0, "holds"), (50.0, 60.0, "DOES")],
)
def test_mechanisms_raise_the_bound_up_to_n_and_lower_it_beyond(
    bound: float, expected: float, finding: str
) -> None:
    line = {"kind": "mechanism", "mechanism": "sgld", "definition": 1, "weights": "start"}
    line |= {"samples": 10, "bound": bound, "expected": expected, "drawn": expected}
    table = statements.make([[{"kind": "job", "step": "s"}, line]], 0.95)
    assert finding in table["finding"][0]
