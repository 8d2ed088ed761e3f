"""Copy what a run timed to `results/<run>/published/`, and put the copies back.

Seconds differ in every run, and so does the order in which real processes come. Git ignores such
lines, tables and figures where a run makes them, so that making a run again leaves git clean, and
keeps copies of the published ones. They are put back where a clone has none.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from loft.core.files.atomic import write_bytes
from loft.core.reporting import run_provenance
from loft.core.reporting.run_provenance import COPIES

TIMED = (  # patterns below a run's results; .gitignore has the same
    "diversity/metrics/speedup/*/metrics.jsonl",
    "diversity/metrics/dropconnect/metrics.jsonl",
    "diversity/speedup.csv",
    "diversity/dropconnect.csv",
    "diversity/claims-timed.csv",
    "diversity/figure1.*",
    "soda/*/processes/metrics.jsonl",
    "soda/processes.csv",
)


def publish(results: Path) -> bool:
    """Sum up a run's provenance and copy what it timed; return whether any of it is known here.

    Where nothing is, as on a fresh clone, what was published stays.

    Args:
        results: the run's folder.

    Raises:
        UserError: lines or provenance are damaged.
    """
    if not run_provenance.publish(results):
        return False
    if found := [*timed(results)]:
        shutil.rmtree(results / COPIES, ignore_errors=True)
        for path in found:
            write_bytes(results / COPIES / path.relative_to(results), path.read_bytes())
    return True


def put_back(results: Path) -> None:
    """Copy what was published of a run's times to where the run makes it, unless it is there."""
    for path in timed(results / COPIES):
        place = results / path.relative_to(results / COPIES)
        if not place.exists():
            write_bytes(place, path.read_bytes())


def timed(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that hold times, or follow from an order in time."""
    for pattern in TIMED:
        yield from sorted(folder.glob(pattern))
