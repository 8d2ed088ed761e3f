"""The study's figures."""

from pathlib import Path

from loft.core.metrics import read
from loft.diversity.config import ReportJob
from loft.diversity.figures import figure3


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Draw every figure into `folder`, as SVG and PNG."""
    jobs = sorted((read(path) for path in metrics), key=lambda lines: str(lines[0]))
    figure3(jobs, job.confidence, [folder / f"figure3.{form}" for form in ("svg", "png")])
