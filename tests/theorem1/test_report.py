"""Test the steps as a user calls them: lines, tables, figures and a summary."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from loft.core.reporting.metrics import read
from loft.run import check
from loft.theorem1.tables.slopes import AGAINST
from tests.conftest import TINY, loft
from tests.theorem1.conftest import SETTINGS

FIGURES = ["width", "workers", "probability", "local-steps", "loss", "neighbourhood"]
RUN = check(
    {"run": "tiny", "studies": ["theorem1"], "data": TINY["data"], "theorem1": SETTINGS}, "tiny"
)


@pytest.fixture(scope="module")
def lines(images_file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The metrics files of `loft theorem1` for both kinds of data."""
    folder = tmp_path_factory.mktemp("lines")
    made = []
    for source in ("synthetic", "images"):
        path = folder / source / "metrics.jsonl"
        options = ["--data", str(images_file)] if source == "images" else []
        job = RUN.theorem1_job(source)
        result = loft("theorem1", "--settings", job.dump(), *options, "--metrics", str(path))
        assert result.returncode == 0, result.stderr
        made.append(path)
    return made


@pytest.fixture(scope="module")
def made(lines: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for step in ("theorem1-report", "theorem1-figures"):
        given = ["--settings", RUN.theorem1_report.dump(), "--out", str(folder)]
        result = loft(step, *given, "--metrics", *map(str, lines))
        assert result.returncode == 0, result.stderr
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_slopes_against_every_quantity(made: Path) -> None:
    found = rows(made / "slopes.csv")
    assert [*found[0]][:6] == ["against", "slope", "low", "high", "bound", "finding"]
    assert {row["against"] for row in found} == {*AGAINST}
    for row in found:
        assert float(row["low"]) <= float(row["slope"]) <= float(row["high"])
        assert row["finding"]
        assert (row["bound"] == "") == (row["against"] == "local_steps")
        if row["against"] == "m":
            assert float(row["bound"]) == -0.25
    of_width = [row for row in found if row["against"] == "m"]
    assert {(row["masks"], row["kappa"], row["term"]) for row in of_width} == {
        (masks, kappa, term)
        for masks in ("partition", "bernoulli")
        for kappa in ("1", "0.1")
        for term in ("weights", "outputs")
    }


def test_cells_say_what_was_measured(made: Path, lines: list[Path]) -> None:
    cells = pd.read_csv(made / "cells.csv")
    written = [line for path in lines for line in read(path) if line["kind"] == "cell"]
    assert len(cells) == len(written)
    first = written[0]
    assert cells["weights"][0] == pytest.approx(
        sum(first["weights"]) / len(first["weights"]), rel=1e-4
    )
    same = cells["xi"] == 1
    assert same.any()
    assert (cells.loc[same, "weights"] < 1e-24).all()
    assert (cells["relative"] * cells["movement"]).to_numpy() == pytest.approx(
        cells["weights"].to_numpy(), rel=1e-3
    )


def test_conditions_and_neighbourhood(made: Path) -> None:
    for row in rows(made / "conditions.csv"):
        assert float(row["least_m"]) > float(row["largest_m"])
        assert float(row["eta"]) == pytest.approx(
            float(row["lambda_0"]) / int(row["n"]) ** 2, rel=1e-3
        )
    assert len(rows(made / "neighbourhood.csv")) == 2 * 2 * 2 * 2  # data, masks, kappas, widths


def test_figures_are_drawn_as_svg_and_png(made: Path) -> None:
    for name in FIGURES:
        assert b"<svg" in (made / f"figure-{name}.svg").read_bytes()[:1000]
        assert (made / f"figure-{name}.png").read_bytes().startswith(b"\x89PNG")


def test_the_summary_names_both_kinds_of_data(made: Path) -> None:
    text = (made / "README.md").read_text(encoding="utf-8")
    assert "Gaussian data" in text
    assert "image patches" in text
    assert "nan" not in text


def test_a_repetition_has_the_same_numbers(lines: list[Path], tmp_path: Path) -> None:
    again = tmp_path / "metrics.jsonl"
    job = RUN.theorem1_job("synthetic")
    assert loft("theorem1", "--settings", job.dump(), "--metrics", str(again)).returncode == 0
    assert again.read_bytes() == lines[0].read_bytes()


def test_images_must_be_given(tmp_path: Path) -> None:
    job = RUN.theorem1_job("images")
    result = loft("theorem1", "--settings", job.dump(), "--metrics", str(tmp_path / "m.jsonl"))
    assert result.returncode == 2
    assert "--data: missing" in result.stderr
