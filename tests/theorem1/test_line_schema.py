"""Test that lines which do not fit together are refused, and name what is wrong."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from loft.core.reporting.checked_lines import read_job
from loft.theorem1.line_schema import STEPS, Cell, Curve, Training
from tests.conftest import ROOT
from tests.theorem1.line_of_a_cell import cell, curve, data

PUBLISHED = sorted(ROOT.glob("results/*/theorem1/metrics/*/metrics.jsonl"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: "-".join(path.parts[-5:-1:3]))
def test_published_lines_are_what_they_should_be(path: Any) -> None:
    assert read_job(path, STEPS)


def test_lines_written_by_hand_are_valid() -> None:
    """As the tests of tables and figures use them."""
    for kind, line in {"cell": cell(), "curve": curve(), "data": data()}.items():
        STEPS["theorem1"][kind].model_validate(line)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"weights": [1.0]}, "List should have at least 2 items"),
        ({"weights": [1.0, 2.0, 3.0]}, "weights: found 3 values; expected 2"),
        ({"tail": [0.0, 0.0]}, "tail: found zeros alone; expected what was measured"),
        ({"bound_second": 0.0}, "bound_second: found 0; expected it only where xi is 1"),
        (
            {"neighbourhood": 0.0, "sweeps": ["m", "neighbourhood"]},
            "neighbourhood: found 0; expected a loss, as it is compared",
        ),
        ({"xi": 1.5}, "Input should be less than or equal to 1"),
        ({"masks": "random"}, "Input should be 'partition' or 'bernoulli'"),
    ],
)
def test_a_cell_that_cannot_be(changed: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(expected)):
        Cell.model_validate(cell(**changed))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"at": [0, 3, 1]}, "at: found iterations out of order; expected ascending ones"),
        ({"at": [0, 1, 1]}, "at: found iterations out of order"),
        ({"loft_loss": [8.0, 5.0]}, "loft_loss: found 2 values; expected 3"),
        ({"outputs": [[0.0, 1.0, 2.0]] * 3}, "outputs: found 3 values; expected 2"),
        ({"weights": [[0.0, 1.0, 2.0], [0.0, 1.0]]}, "weights.1: found 2 values; expected 3"),
        ({"weights": [[0.0, 1.0, 0.0]] * 2}, "weights.0: found 0 on the way; expected a distance"),
    ],
)
def test_a_curve_that_cannot_be(changed: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(expected)):
        Curve.model_validate(curve(**changed))


def test_every_sweep_has_its_cells_and_that_over_time_its_curves() -> None:
    first = Training.model_validate(
        {"kind": "job", "step": "theorem1", "source": "images", "cells": {"m": 1, "T": 1}}
    )
    lines: dict[str, list[Any]] = {
        "data": [data()],
        "cell": [Cell.model_validate(cell(sweeps=["m", "T"]))],
        "curve": [curve()],
    }
    assert [*first.faults(lines)] == []
    assert [*first.faults({**lines, "curve": []})] == ["found 0 of 1 lines of kind 'curve'"]
    assert [*first.faults({**lines, "data": []})] == ["found 0 of 1 lines of kind 'data'"]
    lines["cell"] = [Cell.model_validate(cell(sweeps=["m", "S"]))]
    assert [*first.faults(lines)] == [
        "found 1 of 0 lines of kind 'cell' of the sweep over S",
        "found 0 of 1 lines of kind 'cell' of the sweep over T",
    ]
