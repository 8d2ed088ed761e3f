"""Table 1 and the tables behind the figures."""

from pathlib import Path

from loft.core.files import write_bytes
from loft.core.metrics import read
from loft.soda.jobs import ReportJob
from loft.soda.tables import render


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write every table into `folder`."""
    for name, text in render(job, [read(path) for path in metrics]).items():
        write_bytes(folder / name, text.encode())
