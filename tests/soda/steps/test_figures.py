"""Test the step that draws the figures, of lines written by hand."""

import json
from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.reporting.metrics import Line
from loft.core.reporting.registry import Item, Materials
from loft.soda.items import FIGURES
from loft.soda.steps import figures as figures_step
from loft.soda.steps.tables import materials
from tests.soda.made_up import JOBS, SHOWN, simulate


@pytest.mark.parametrize("jobs", [JOBS, [*JOBS[:2], simulate("madelon", 1.0)]], ids=["all", "none"])
def test_figures_are_drawn_whatever_was_run(tmp_path: Path, jobs: list[list[Line]]) -> None:
    for figure in FIGURES:
        path = tmp_path / f"{figure.name}.svg"
        materials(SHOWN, jobs).call(figure, "draw", [path])
        text = path.read_text(encoding="utf-8")
        assert ("not run" in text) == (figure.name != "figure2")


def test_every_figure_is_drawn_of_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[str], Path, int | None]] = []

    def note(figures: list[Item], found: Materials, folder: Path, processes: int | None) -> None:
        assert [row["problem"] for row in found.table("runs")] == ["madelon"] * 4
        asked.append(([figure.name for figure in figures], folder, processes))

    paths = [tmp_path / f"{number}.jsonl" for number in range(len(JOBS))]
    for path, job in zip(paths, JOBS, strict=True):
        path.write_text("".join(f"{json.dumps(line)}\n" for line in job), encoding="utf-8")
    monkeypatch.setattr(figures_step, "draw_all", note)
    figures_step.run(SHOWN, paths, tmp_path, 2)
    assert asked == [(["figure1", "figure2", "figure3"], tmp_path, 2)]


def test_missing_lines_are_named_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"metrics\.jsonl: no such file"):
        figures_step.run(SHOWN, [tmp_path / "metrics.jsonl"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
