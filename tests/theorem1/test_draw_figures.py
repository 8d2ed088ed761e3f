"""Test the step that draws the study's figures."""

from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.reporting.registry import Item, Materials
from loft.theorem1 import draw_figures
from loft.theorem1.items import FIGURES
from loft.theorem1.job import Theorem1ReportJob
from loft.theorem1.settings import FitSettings
from tests.conftest import ROOT

JOB = Theorem1ReportJob(fit=FitSettings(resamples=100))
LINES = sorted((ROOT / "results/digits/theorem1/metrics").glob("*/metrics.jsonl"))


def test_every_figure_is_drawn_of_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def note(figures: list[Item], materials: Materials, folder: Path, processes: int) -> None:
        asked.update(names=[figure.name for figure in figures], folder=folder, processes=processes)
        asked["cells"] = len(materials.table("cells"))

    monkeypatch.setattr(draw_figures, "draw_all", note)
    draw_figures.run(JOB, LINES, tmp_path, 2)
    published = (ROOT / "results/digits/theorem1/cells.csv").read_text(encoding="utf-8")
    assert asked == {
        "names": [figure.name for figure in FIGURES],
        "folder": tmp_path,
        "processes": 2,
        "cells": len(published.splitlines()) - 1,
    }


def test_missing_lines_are_named_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"metrics\.jsonl: no such file"):
        draw_figures.run(JOB, [tmp_path / "metrics.jsonl"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
