"""The facts that lines of both engines begin with."""

from loft.core.reporting.metrics import Line
from loft.soda.archives import PreparedSamples
from loft.soda.jobs import RunJob


def facts(job: RunJob, prepared: PreparedSamples) -> Line:
    """Return what tells a run from others: problem, data, workers and probability."""
    return {
        "problem": job.problem,
        "dataset": prepared.dataset,
        "workers": job.workers,
        "p": job.p,
        "seed": job.seed,
    }
