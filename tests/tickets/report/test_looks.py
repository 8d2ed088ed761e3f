"""Cells of a run are told apart, in colour and in grey."""

from loft.tickets.report.looks import dash, look, seaborn_style, title

CELLS = ["dense", "loft-2", "loft-4", "local_sgd-2"]


def test_titles() -> None:
    titles = [title(cell) for cell in [*CELLS, "random"]]
    assert titles == ["Dense", "LoFT-2", "LoFT-4", "Local SGD-2", "Random ticket"]


def test_lines_of_cells_differ() -> None:
    style = seaborn_style(CELLS)
    assert {*style} == {"palette", "markers", "dashes"}
    lines = {tuple(str(style[each][title(cell)]) for each in style) for cell in CELLS}
    assert len(lines) == len(CELLS)
    assert style["palette"]["LoFT-2"] == style["palette"]["LoFT-4"] == look("loft").colour


def test_dashes_repeat_after_eight_workers() -> None:
    assert len({str(dash(workers)) for workers in range(2, 9)}) == 7
    assert dash(9) == dash(1)
