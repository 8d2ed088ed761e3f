"""List the kinds of lines of this study, and check the lines of all jobs together."""

from collections.abc import Iterable

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import Job, Steps, expect_steps
from loft.diversity.line_schema.statements import Bound, Convergence, Mechanism, Stable, Statements
from loft.diversity.line_schema.trainings import (
    DropConnect,
    Ending,
    Measured,
    Pass,
    Passes,
    Reached,
    Replication,
    Run,
    Speedup,
    Tuned,
    Worker,
)

STEPS: Steps = {
    "replication": {"job": Replication, "tuned": Tuned, "run": Run, "diversity": Measured},
    "passes": {"job": Passes, "passes": Reached},
    "speedup": {"job": Speedup, "pass": Pass},
    "dropconnect": {"job": DropConnect, "ending": Ending, "worker": Worker},
    "statements": {
        "job": Statements,
        "convergence": Convergence,
        "stability": Stable,
        "bound": Bound,
        "mechanism": Mechanism,
    },
}


def check_all_jobs(jobs: Iterable[Job], steps: Steps) -> None:
    """Check the lines of all jobs against each other.

    Raises:
        UserError: there is no job of a step, or no time of one worker to hold others against.
    """
    jobs = [*jobs]
    expect_steps(jobs, steps)
    timed = {
        job[0]["workers"]: {line["batch"] for line in job if line["kind"] == "pass"}
        for job in jobs
        if job[0]["step"] == "speedup"
    }
    for workers, batches in timed.items():
        for batch in batches - timed.get(1, set()):
            raise UserError(
                f"--metrics: found no pass of 1 worker with batch {batch}; expected it beside"
                f" that of {workers}"
            )
