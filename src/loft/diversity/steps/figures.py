"""Draw the study's figures."""

from pathlib import Path

from loft.diversity.figures import figure1, figure2, figure3
from loft.diversity.jobs import ReportJob
from loft.diversity.tables import read_jobs


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Draw every figure into `folder`, as SVG and PNG. Raises UserError if lines are missing."""
    jobs = read_jobs(metrics)
    for number, draw in enumerate((figure1, figure2, figure3), start=1):
        draw(jobs, job, [folder / f"figure{number}.{form}" for form in ("svg", "png")])
