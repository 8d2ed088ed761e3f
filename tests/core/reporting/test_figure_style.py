"""Figures are files of the same bytes for the same data, with ticks that can be read."""

from pathlib import Path

import pytest

from loft.core.errors import JobError
from loft.core.reporting.figure_style import DPI, decades, logarithmic, note, panels, whole_numbers


def draw(*paths: Path) -> None:
    with panels([*paths], 3, 2, 2, 1) as grid:
        note(grid, "below all")
        for number, axes in enumerate(grid):
            axes.plot([1, 2], [number, 1])
            axes.set_title(f"panel {number}")


def test_the_same_data_give_the_same_bytes_without_a_date(tmp_path: Path) -> None:
    for name in ("a", "b"):
        draw(tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    for form in ("svg", "png"):
        content = (tmp_path / f"a.{form}").read_bytes()
        assert content == (tmp_path / f"b.{form}").read_bytes()
        assert b"date" not in content.lower()
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert all(f">panel {number}<" in text for number in range(3))  # text stays text
    assert ">below all<" in text


def test_three_panels_in_two_columns_are_two_rows(tmp_path: Path) -> None:
    """Of 2 by 1 inches each; a PNG says its width and height from byte 16 on."""
    draw(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    size = [int.from_bytes(content[start : start + 4], "big") for start in (16, 20)]
    assert size == [2 * 2 * DPI, 2 * 1 * DPI]
    with panels([tmp_path / "b.svg"], 3, 2, 2, 1) as grid:
        assert len(grid) == 3
        assert [axes.axison for axes in grid[0].figure.axes] == [True, True, True, False]


def test_a_folder_in_its_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(JobError, match=r"a\.svg: cannot be written"):
        draw(tmp_path / "a.svg")


def test_ticks(tmp_path: Path) -> None:
    with panels([tmp_path / "a.svg"], 2, 2, 3, 3) as (narrow, wide):
        narrow.plot([1, 10, 100], [1, 2, 5])
        logarithmic(narrow)
        decades(narrow)  # fewer than two powers of ten are visible
        within = [tick for tick in narrow.get_yticks() if 1 <= tick <= 5]
        assert within == [1, 2, 5]
        assert [tick for tick in narrow.get_xticks() if 1 <= tick <= 100] == [
            1,
            2,
            5,
            10,
            20,
            50,
            100,
        ]
        wide.plot([1, 2, 3], [1, 100, 1000])
        decades(wide)
        assert [tick for tick in wide.get_yticks() if 1 <= tick <= 1000] == [1, 10, 100, 1000]
        whole_numbers(wide.xaxis)
        assert all(tick == round(tick) for tick in wide.get_xticks())
        assert (narrow.get_xscale(), narrow.get_yscale(), wide.get_yscale()) == ("log",) * 3
