"""The step that draws the figures, of published lines."""

from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.reporting.registry import Item, Materials
from loft.diversity.steps import figures
from loft.run import read
from tests.conftest import ROOT
from tests.project import committed_lines

RUN = read(ROOT / "params" / "digits.yaml")


def test_every_figure_is_drawn_of_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[str], Path, int | None]] = []

    def note(items: list[Item], found: Materials, folder: Path, processes: int | None) -> None:
        assert len(found.table("steps")) > 0
        asked.append(([figure.name for figure in items], folder, processes))

    monkeypatch.setattr(figures, "draw_all", note)
    lines = committed_lines(ROOT / "results" / "digits" / "diversity")
    figures.run(RUN.diversity_report(), lines, tmp_path, 2)
    assert asked == [(["figure1", "figure2", "figure3"], tmp_path, 2)]


def test_a_step_without_lines_is_named_before_anything_is_drawn(tmp_path: Path) -> None:
    lines = committed_lines(ROOT / "results" / "digits" / "diversity")
    some = [path for path in lines if "passes" not in path.parts]
    with pytest.raises(UserError, match="found no lines of step 'passes'; expected some"):
        figures.run(RUN.diversity_report(), some, tmp_path / "out")
    assert not (tmp_path / "out").exists()
