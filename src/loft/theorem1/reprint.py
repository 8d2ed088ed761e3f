"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.theorem1 import figures, report
from loft.theorem1.config import Run


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables, summary and figures. Raises UserError if lines are missing or damaged."""
    folder = results / "theorem1"
    sources = run.theorem1.sources
    metrics = [folder / "metrics" / source / "metrics.jsonl" for source in sources]
    report.run(run.theorem1_report, metrics, folder)
    figures.run(run.theorem1_report, metrics, folder)
    return Reprinted(metrics, [])
