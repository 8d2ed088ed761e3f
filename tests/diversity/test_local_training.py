"""Test the diversity of workers' changes and samples on lines written by hand."""

from pathlib import Path
from typing import Any

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.figures.rounds import draw
from loft.diversity.line_schema.rounds import ROUNDS
from loft.diversity.measurements import read_jobs
from loft.diversity.steps.rounds import render
from loft.diversity.tables.rounds import make as rounds_table
from loft.diversity.tables.samples import make as samples_table
from tests.conftest import ROOT

PUBLISHED = sorted(ROOT.glob("results/*/diversity/rounds.csv"))


def job(cell: str, workers: int, lines: list[dict[str, Any]]) -> list[Line]:
    about = {"model": {"name": "preresnet18"}, "cell": cell, "workers": workers}
    return [{"kind": "job", "step": "updates", **about, "batch_size": 10}, *lines]


def updates(squares: float, together: float, apart: float) -> dict[str, Any]:
    sums = {"shared_squares": squares, "shared_together": together, "partitioned_squares": apart}
    return {"kind": "updates", "epoch": 0, "iterations": 1, **sums}


@pytest.mark.parametrize(
    ("squares", "together", "apart", "bound", "finding"),
    [
        (4.0, 16.0, 0.0, 1.0, "4 workers count as 1.00"),  # four times the same change
        (4.0, 4.0, 0.0, 4.0, "all 4 workers count in full"),  # orthogonal ones
        (4.0, 2.0, 0.0, 8.0, "all 4 workers count in full"),  # against each other
        (4.0, 16.0, 12.0, 16 / 7, "4 workers count as 2.29"),  # alike but for their own filters
    ],
)
def test_changes_alike_count_once_and_orthogonal_ones_in_full(
    squares: float, together: float, apart: float, bound: float, finding: str
) -> None:
    (row,) = rounds_table([job("loft-4", 4, [updates(squares, together, apart)])]).to_dict(
        "records"
    )
    assert row["bound"] == pytest.approx(bound)
    assert row["shared_bound"] == pytest.approx(4 * squares / together)
    assert row["partitioned_share"] == pytest.approx(apart / (squares + apart))
    assert row["finding"] == finding


def samples(rank: int, squares: float, together: float) -> dict[str, Any]:
    about = {"kind": "gradients", "epoch": 0, "rank": rank, "samples": 50}
    return {**about, "squares": squares, "together": together}


def test_a_batch_is_held_against_the_mean_of_the_workers_bounds() -> None:
    lines = [samples(0, 2.0, 20.0), samples(1, 3.0, 10.0)]  # bounds 5 and 15
    (row,) = samples_table([job("loft-2", 2, lines)]).to_dict("records")
    assert (row["bound"], row["least"], row["most"]) == pytest.approx((10, 5, 15))
    assert row["finding"] == "the batch is within it"
    lines[1] = samples(1, 3.0, 10.1)
    (row,) = samples_table([job("loft-2", 2, lines)]).to_dict("records")
    assert row["finding"] == "the batch is beyond it"


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    jobs = [
        job(cell, 2, [updates(2.0, 3.0, 0.5), samples(0, 2.0, 20.0), samples(1, 3.0, 10.0)])
        for cell in ("loft-2", "local_sgd-2")
    ]
    draw([tmp_path / "rounds.svg"], jobs)
    assert "loft-2, 1 local" in (tmp_path / "rounds.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda path: path.parts[-3])
def test_published_tables_are_made_from_the_published_lines(table: Path) -> None:
    lines = sorted(table.parents[1].glob("tickets/metrics/*/*/*/updates/metrics.jsonl"))
    for name, text in render(read_jobs(lines, ROUNDS)).items():
        assert (table.parent / name).read_text(encoding="utf-8") == text
