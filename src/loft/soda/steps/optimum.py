"""Find a problem's minimiser with an independent solver, and certify it."""

from pathlib import Path

from threadpoolctl import threadpool_limits

from loft.core.reporting.metrics import Journal
from loft.soda.archives import read_samples, write_optimum
from loft.soda.jobs import OptimumJob
from loft.soda.logistic import Logistic
from loft.soda.optimum import minimise


def run(job: OptimumJob, samples: Path, out: Path, metrics: Path) -> None:
    """Write the minimiser to `out`, and its value, support and certificate to `metrics`.

    Raises:
        JobError: the KKT residual does not reach the tolerance.
    """
    prepared = read_samples(samples)
    penalties = {"lambda_1": job.lambda_1, "lambda_2": job.lambda_2}
    about = {"problem": job.problem, "dataset": prepared.dataset, **penalties}
    journal = Journal({"step": "optimum", **about, "normalisation": job.normalisation})
    loss = Logistic(prepared.signed, job.lambda_2)
    with threadpool_limits(1):
        optimum = minimise(loss, job.lambda_1, job.kkt_tolerance)
    journal.add(
        "optimum",
        samples=loss.samples,
        features=loss.features,
        stored=loss.stored,
        support=optimum.support,
        value=optimum.value,
        kkt_residual=optimum.residual,
        suboptimality_bound=optimum.bound,
        accuracy=loss.accuracy(loss.margins(optimum.w)),
    )
    write_optimum(out, optimum)
    journal.write(metrics)
