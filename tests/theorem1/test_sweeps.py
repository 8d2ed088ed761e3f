"""Test that every sweep varies one quantity only."""

from collections.abc import Callable
from typing import Any

import pytest

from loft.theorem1.settings import TrainingSettings
from loft.theorem1.sweeps import list_cells
from tests.theorem1.conftest import SETTINGS


def varied(sweep: str) -> Callable[[Any], Any]:
    columns = {"m": "m", "S": "S", "xi": "xi", "local_steps": "local_steps"}
    return lambda cell: cell.describe()[columns[sweep]]


@pytest.mark.parametrize(
    ("sweep", "key"),
    [("m", "widths"), ("S", "workers"), ("local_steps", "local_steps"), ("xi", "probabilities")],
)
def test_a_sweep_varies_one_quantity(sweep: str, key: str) -> None:
    values = {name: value for name, value in SETTINGS.items() if name != "fit"}
    found = list_cells(TrainingSettings.model_validate(values))
    kinds = ["bernoulli"] if sweep == "xi" else ["partition", "bernoulli"]
    for kind in kinds:
        for kappa in (1.0, 0.1):
            own = [
                cell
                for cell, sweeps in found.items()
                if sweep in sweeps and cell.masks.kind == kind and cell.kappa == kappa
            ]
            assert sorted(map(varied(sweep), own)) == SETTINGS["sweeps"][key]
            free = {"S": {"S", "xi"} if kind == "partition" else {"S"}}.get(sweep, {sweep})
            others = [
                {name: value for name, value in cell.describe().items() if name not in free}
                for cell in own
            ]
            assert all(other == others[0] for other in others)
