"""Draw this study's figures."""

from pathlib import Path

from loft.soda.figures import figure1, figure2, figure3
from loft.soda.jobs import ReportJob
from loft.soda.tables import read_jobs


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Draw every figure into `folder`, as SVG and PNG."""
    jobs = read_jobs(job, metrics)
    for number, draw in enumerate((figure1, figure2, figure3), start=1):
        draw(job, jobs, [folder / f"figure{number}.{form}" for form in ("svg", "png")])
