"""Figures are drawn from the tables beside them, and those that need more are left."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.reporting.registry import Item, Materials
from loft.tickets.report import draw_figures
from loft.tickets.report.items import FIGURES
from loft.tickets.report.job import FiguresJob
from tests.conftest import ROOT
from tests.tickets.report.figures.made_up import pairs

JOB = FiguresJob(cells=["loft-2"])
OF_PAIRS = ["figure1", "figure1-layers"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the published tables of the default run."""
    for path in (ROOT / "results" / "digits" / "tickets").glob("*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is to be drawn, which takes long."""
    found: dict[str, Any] = {}

    def note(figures: list[Item], materials: Materials, folder: Path, processes: int) -> None:
        for figure in figures:
            materials.prepare(figure)
        found.update(names=[figure.name for figure in figures], folder=folder, processes=processes)

    monkeypatch.setattr(draw_figures, "draw_all", note)
    return found


def test_every_figure_is_drawn_where_there_are_distances(
    folder: Path, asked: dict[str, Any]
) -> None:
    assert draw_figures.run(JOB, pairs(folder), folder, 2) == []
    names = [figure.name for figure in FIGURES]
    assert asked == {"names": names, "folder": folder, "processes": 2}


def test_figures_of_distances_are_left_where_there_are_none(
    folder: Path, asked: dict[str, Any]
) -> None:
    assert draw_figures.run(JOB, [], folder) == OF_PAIRS
    assert asked["names"] == [figure.name for figure in FIGURES if figure.name not in OF_PAIRS]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, r"table1\.csv: no such file"),
        (
            "model,dataset\n",
            r"table1\.csv: found no column '.*'; expected the table that 'loft tab",
        ),
    ],
)
def test_a_table_that_is_missing_or_another_is_named(
    folder: Path, asked: dict[str, Any], content: str | None, expected: str
) -> None:
    path = folder / "table1.csv"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=expected):
        draw_figures.run(JOB, [], folder)
    assert asked == {}
