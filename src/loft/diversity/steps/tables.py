"""Write the study's tables."""

from pathlib import Path

from loft.core.files.atomic import write_bytes
from loft.diversity import tables, time_tables
from loft.diversity.jobs import ReportJob


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write every table into `folder`."""
    for name, text in render(job, metrics).items():
        write_bytes(folder / name, text.encode())


def render(job: ReportJob, metrics: list[Path]) -> dict[str, str]:
    """Return the text of every table by file name; the order of the files does not matter.

    Raises:
        UserError: lines are missing.
    """
    jobs = tables.read_jobs(metrics)
    made = {
        "replication": tables.replication_table(jobs, job.confidence),
        "steps": tables.steps_table(jobs),
        "diversity": tables.diversity_table(jobs),
        "passes": time_tables.passes_table(jobs, job.confidence),
        "speedup": time_tables.speedup_table(jobs, job.network, job.modelled),
        "dropconnect": time_tables.dropconnect_table(jobs, job.confidence, job.tolerance),
        "statements": tables.statements_table(jobs, job.confidence),
        "stability": tables.stability_table(jobs, job.confidence),
    }
    return {f"{name}.csv": tables.to_csv(table) for name, table in made.items()}
