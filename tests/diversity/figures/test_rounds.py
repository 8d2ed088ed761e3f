"""The figure of local training, from lines written by hand."""

from pathlib import Path

from loft.diversity.figures.rounds import draw
from tests.diversity.local_lines import job, samples, updates


def test_the_figure_is_drawn(tmp_path: Path) -> None:
    jobs = [
        job(cell, 2, [updates(2.0, 3.0, 0.5), samples(0, 2.0, 20.0), samples(1, 3.0, 10.0)])
        for cell in ("loft-2", "local_sgd-2")
    ]
    draw([tmp_path / "rounds.svg"], jobs)
    assert "loft-2, 1 local" in (tmp_path / "rounds.svg").read_text(encoding="utf-8")
