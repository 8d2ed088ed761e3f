"""Write Table 1 and the tables behind the figures."""

from pathlib import Path

from loft.core.files.atomic import write_bytes
from loft.soda.jobs import ReportJob
from loft.soda.tables import read_jobs, render


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write every table into `folder`."""
    for name, text in render(job, read_jobs(job, metrics)).items():
        write_bytes(folder / name, text.encode())
