"""Draw the study's figures."""

from pathlib import Path

from loft.core.reporting.drawing import draw_all
from loft.diversity.items import FIGURES
from loft.diversity.jobs import ReportJob
from loft.diversity.steps.tables import materials


def run(job: ReportJob, metrics: list[Path], folder: Path, processes: int | None = None) -> None:
    """Draw every figure into `folder`, as SVG and PNG. Raises UserError where lines are missing."""
    draw_all(FIGURES, materials(job, metrics), folder, processes)
