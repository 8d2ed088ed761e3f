"""Test the parts that figures share: who is drawn how, and what a panel holds."""

from pathlib import Path

import numpy as np
import pandas as pd

from loft.core.reporting.figure_style import panels
from loft.theorem1.drawing import (
    COLOURS,
    NAMES,
    groups,
    kappa_marks,
    lines,
    mark,
    marks,
    panels_of,
    points,
    title,
)
from loft.theorem1.tables.cells import make
from tests.theorem1.line_of_a_cell import cell, job


def table() -> pd.DataFrame:
    """Both kinds of masks at two kappas and two widths, on two kinds of data."""
    own = [
        cell(masks=masks, kappa=kappa, m=m)
        for kappa in (1.0, 0.1)
        for masks in ("partition", "bernoulli")
        for m in (32, 16)
    ]
    return make([job(*own), job(*own, source="images")])


def test_points_are_filled_at_the_largest_kappa_alone() -> None:
    cells = table()
    large, small = (cells[cells["kappa"] == kappa] for kappa in (1.0, 0.1))
    assert "markerfacecolor" not in mark(large, 1.0)
    assert mark(small, 1.0)["markerfacecolor"] == "white"
    assert mark(small, 1.0)["color"] == mark(large, 1.0)["color"]


def test_a_panel_a_term_and_group() -> None:
    cells = table()
    found = [(term, key) for term, key, _ in panels_of(cells, ["source"])]
    assert found == [
        ("weights", ("synthetic",)),
        ("weights", ("images",)),
        ("outputs", ("synthetic",)),
        ("outputs", ("images",)),
    ]
    own = [(key, len(part)) for key, part in groups(cells, ["source", "kappa"])]
    assert own == [((source, kappa), 4) for source in ("synthetic", "images")
                   for kappa in (1.0, 0.1)]  # fmt: skip


def test_legends_name_masks_and_kappas() -> None:
    assert [label for label, _ in marks([*NAMES])] == ["partition", "independent masks"]
    labels = [label for label, _ in kappa_marks(table())]
    assert labels == [
        r"partition, $\kappa=1$",
        r"independent masks, $\kappa=1$",
        r"partition, $\kappa=0.1$",
        r"independent masks, $\kappa=0.1$",
    ]
    assert title("images", 0.1) == r"image patches, $\kappa=0.1$"


def test_lines_join_points_from_left_to_right_and_the_bound_starts_at_the_first(
    tmp_path: Path,
) -> None:
    """The bound's second term, 6, is scaled to the first distance, 2, and stays there."""
    cells = table()
    own = cells[(cells["source"] == "images") & (cells["kappa"] == 1)]
    with panels([tmp_path / "a.svg"], 1, 1, 3, 3) as (axes,):
        lines(axes, own, "m", "weights", bounded=True)
        drawn = axes.get_lines()
        dashed = [line for line in drawn if line.get_linestyle() == "--"]
        assert [np.asarray(line.get_xydata()).tolist() for line in dashed] == [
            [[16, 2], [32, 2]]
        ] * 2
        dotted = [line for line in drawn if line.get_linestyle() == ":"]
        assert [np.asarray(line.get_xydata()).tolist() for line in dotted] == [
            [[16, 1], [32, 1]]
        ] * 2
        assert {line.get_color() for line in dashed} == {*COLOURS.values()}


def test_points_have_two_standard_errors(tmp_path: Path) -> None:
    """The distance 2 has the error 1, so that bars reach from 0 to 4."""
    cells = table()
    with panels([tmp_path / "a.svg"], 1, 1, 3, 3) as (axes,):
        points(axes, cells.iloc[:1], "m", "weights")
        ((bars,),) = (container[2] for container in axes.containers)
        ((start, end),) = bars.get_segments()
        assert [start[1], end[1]] == [0.0, 4.0]
