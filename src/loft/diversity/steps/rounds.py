"""Write the tables and the figure of gradient diversity in local training."""

from pathlib import Path

from loft.core.files.atomic import write_bytes
from loft.diversity.line_schema.rounds import ROUNDS
from loft.diversity.local_training import draw, rounds_table, samples_table
from loft.diversity.tables import Jobs, read_jobs, to_csv


def run(metrics: list[Path], folder: Path) -> None:
    """Write tables and figure into `folder`. Raises UserError if lines are missing."""
    jobs = read_jobs(metrics, ROUNDS)
    for name, text in render(jobs).items():
        write_bytes(folder / name, text.encode())
    draw(jobs, [folder / f"rounds.{form}" for form in ("svg", "png")])


def render(jobs: Jobs) -> dict[str, str]:
    """Return every table's text by file name."""
    return {"rounds.csv": to_csv(rounds_table(jobs)), "samples.csv": to_csv(samples_table(jobs))}
