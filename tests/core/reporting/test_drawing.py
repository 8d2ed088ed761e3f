"""Figures of a step appear together, the same bytes from however many processes."""

from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.reporting import drawing, registry
from loft.core.reporting.drawing import draw_all
from loft.core.reporting.registry import Item, Materials, find

FIGURE = """
TITLE = "A line"
CAPTION = "A line."

from loft.core.errors import UserError
from loft.core.reporting.figure_style import panels


def draw(paths, heights):
    if not heights["{name}"]:
        raise UserError("heights: none")
    with panels(paths, 1, 1, 2, 2) as (axes,):
        axes.plot(heights["{name}"])
"""


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Item]:
    monkeypatch.setattr(registry, "SOURCE", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / tmp_path.name
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name in ("one", "two", "three"):
        (folder / f"{name}.py").write_text(FIGURE.format(name=name), encoding="utf-8")
    return find(folder.name)


HEIGHTS = {"one": [1, 2], "two": [2, 1], "three": [1, 1]}


def test_any_number_of_processes_gives_the_same_bytes(
    figures: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for count in (1, 2):
        monkeypatch.setattr(drawing, "cores", lambda count=count: count)
        folder = tmp_path / str(count)
        draw_all(figures, Materials({"heights": HEIGHTS}), folder)
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1]
    assert {*made[0]} == {f"{name}.{form}" for name in HEIGHTS for form in ("svg", "png")}


@pytest.mark.parametrize("count", [1, 2])
def test_where_one_cannot_be_drawn_all_stay_as_they_were(
    figures: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(drawing, "cores", lambda: count)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "one.svg").write_bytes(b"old")
    with pytest.raises(UserError, match="heights: none"):
        draw_all(figures, Materials({"heights": {**HEIGHTS, "two": []}}), folder)
    assert [path.name for path in folder.iterdir()] == ["one.svg"]
    assert (folder / "one.svg").read_bytes() == b"old"
