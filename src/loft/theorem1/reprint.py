"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.theorem1 import draw_figures, make_tables
from loft.theorem1.run import Run
from loft.theorem1.sources import given


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables, summary and figures. Raises UserError if lines are missing or damaged."""
    folder = results / "theorem1"
    sources = given(run.theorem1)
    metrics = [folder / "metrics" / source / "metrics.jsonl" for source in sources]
    make_tables.run(run.theorem1_report, metrics, folder)
    draw_figures.run(run.theorem1_report, metrics, folder)
    return Reprinted(metrics, [])
