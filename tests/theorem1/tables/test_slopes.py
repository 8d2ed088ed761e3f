"""Test fitted slopes and their findings on lines written by hand."""

from typing import Any

import pytest

from loft.core.reporting.metrics import Line
from loft.theorem1.settings import FitSettings
from loft.theorem1.tables.slopes import make

FIT = FitSettings(confidence=0.95, resamples=200)
WIDTHS = (16, 32, 64, 128, 256)


def cell(width: int, distance: float) -> Line:
    """A cell of the sweep over m whose three repetitions differ by a thousandth."""
    repeated = [distance * factor for factor in (0.999, 1.0, 1.001)]
    causes = {"walk": 0.25, "idle": 0.0, "common": 0.0}
    about: dict[str, Any] = {"kind": "cell", "masks": "partition", "kappa": 1.0, "sweeps": ["m"]}
    return {
        **about,
        **{"m": width, "S": 2, "xi": 0.5, "T": 100, "local_steps": 1},
        **{"weights": repeated, "outputs": repeated, "bound_second": 1.0},
        **{"predicted_weights": causes, "predicted_outputs": {"common": 0.0}},
    }


def fitted(floor: float) -> dict[str, Any]:
    job: list[Line] = [{"kind": "job", "source": "synthetic"}]
    job += [cell(width, floor + 8 / width) for width in WIDTHS]
    table = make([job], FIT)
    (row,) = table[table["term"] == "weights"].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_a_power_law_in_the_width_is_found() -> None:
    row = fitted(0.0)
    assert (row["against"], row["bound"]) == ("m", -0.25)
    assert row["slope"] == pytest.approx(-1, abs=0.05)
    assert row["finding"] == "falls faster than the bound; no floor is seen"


def test_a_floor_is_found_and_explained() -> None:
    row = fitted(0.25)
    assert row["floor"] == pytest.approx(0.25, rel=0.05)
    assert row["predicted_floor"] == 0.25
    assert row["finding"].startswith("falls faster than the bound to a floor; the noise of masks")


def test_equal_trajectories_give_no_fit() -> None:
    """Distances below rounding are left out, and fewer than two cells give no slope."""
    job: list[Line] = [{"kind": "job", "source": "synthetic"}]
    job += [cell(width, 8 / width) for width in WIDTHS]
    job += [{**cell(width, 1e-30), "kappa": 0.1} for width in WIDTHS]
    job += [{**cell(512, 0.5), "kappa": 0.1}]
    assert {*make([job], FIT)["kappa"]} == {1.0}
