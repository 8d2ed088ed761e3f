"""The published tables of the default run, and what every figure of a sweep shows of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from loft.theorem1.measurements import in_sweep
from tests.conftest import ROOT
from tests.figures import shown


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "results" / "digits" / "theorem1" / f"{name}.csv")


def check_own_sweep(draw: Callable[..., Any], folder: Path, quantity: str) -> None:
    """Cells of other sweeps change nothing, and its own, at another place, do."""
    cells = table("cells")
    own = cells[in_sweep(cells, quantity)]
    assert 0 < len(own) < len(cells)
    drawn = shown(draw, folder, cells)
    assert shown(draw, folder, own) == drawn
    moved = own.assign(weights=own["weights"] * (1 + own["m"] % 3 + own[quantity]))
    assert shown(draw, folder, moved) != drawn


def check_no_point_of_gradient_descent(draw: Callable[..., Any], folder: Path) -> None:
    """Where xi is 1 LoFT is gradient descent."""
    cells = table("cells")
    assert (cells["xi"] == 1).any()
    assert shown(draw, folder, cells[cells["xi"] < 1]) == shown(draw, folder, cells)
