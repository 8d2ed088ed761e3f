"""The plan of a tiny run, which several tests read."""

import pytest

from loft.core.data.dimensions import Dimensions, dimensions
from loft.tickets.planning.planner import Job, Planner
from loft.tickets.planning.speed import stated
from loft.tickets.run.run import Run

TERA = 1e12


@pytest.fixture(scope="session")
def data(run: Run) -> Dimensions:
    return dimensions(run.data)


@pytest.fixture(scope="session")
def planner(run: Run, data: Dimensions) -> Planner:
    """On a device of one operation a second, so that seconds are operations."""
    return Planner(data, stated(run, 1 / TERA))


@pytest.fixture(scope="session")
def jobs(planner: Planner, run: Run) -> dict[tuple[str, str], Job]:
    return {(job.step, job.cell): job for job in planner.jobs(run)}
