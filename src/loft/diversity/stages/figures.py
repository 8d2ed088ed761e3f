"""The study's figures."""

from pathlib import Path

from loft.core.metrics import read
from loft.diversity.config import ReportJob
from loft.diversity.figures import figure1, figure2, figure3


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Draw every figure into `folder`, as SVG and PNG."""
    jobs = sorted((read(path) for path in metrics), key=lambda lines: str(lines[0]))
    for number, draw in enumerate((figure1, figure2, figure3), start=1):
        draw(jobs, job, [folder / f"figure{number}.{form}" for form in ("svg", "png")])
