"""Test the lines of the step `loft theorem1` on Gaussian data."""

import copy

import pytest

from loft.core.reporting.metrics import Line, read
from loft.run import check
from loft.theorem1 import train
from loft.theorem1.sweeps import list_cells
from tests.conftest import TINY
from tests.theorem1.conftest import SETTINGS

SMALL = {**copy.deepcopy(SETTINGS), "kappas": [1.0], "images": None}
RUN = check({"run": "t", "studies": ["theorem1"], "data": TINY["data"], "theorem1": SMALL}, "t")


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    path = tmp_path_factory.mktemp("lines") / "metrics.jsonl"
    train.run(RUN.theorem1_job("synthetic"), None, path)
    return read(path)


def of_kind(lines: list[Line], kind: str) -> list[Line]:
    return [line for line in lines if line["kind"] == kind]


def test_every_cell_has_a_line_and_those_over_time_a_curve(lines: list[Line]) -> None:
    cells = list_cells(RUN.theorem1_job("synthetic").training)
    assert [line["sweeps"] for line in of_kind(lines, "cell")] == [*cells.values()]
    drawn = [sweeps for sweeps in cells.values() if "T" in sweeps]
    assert len(of_kind(lines, "curve")) == len(drawn)


def test_the_data_line_holds_the_sizes_and_the_step(lines: list[Line]) -> None:
    (data,) = of_kind(lines, "data")
    assert (data["n"], data["p"], data["d"]) == (3, 3, 4)  # 2 channels times 2 pixels
    assert data["eta"] == pytest.approx(data["lambda_0"] / 9, rel=1e-4)
    assert 0 < data["lambda_0"] < data["lambda_max"]


def test_whole_networks_do_not_part_from_gradient_descent(lines: list[Line]) -> None:
    same = [line for line in of_kind(lines, "cell") if line["xi"] == 1]
    assert same
    assert all(max(line["weights"]) < 1e-24 for line in same)


def test_curves_begin_at_equal_networks_and_end_where_the_cell_does(lines: list[Line]) -> None:
    cells = {(line["masks"], line["m"], line["T"]): line for line in of_kind(lines, "cell")}
    for curve in of_kind(lines, "curve"):
        assert curve["at"][0] == 0
        assert curve["at"][-1] == curve["T"]
        assert all(row[0] == 0 for row in curve["weights"])
        cell = cells[curve["masks"], curve["m"], curve["T"]]
        if "T" in cell["sweeps"]:
            assert [row[-1] for row in curve["weights"]] == cell["weights"]
