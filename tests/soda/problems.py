"""Make small problems for the tests, dense and sparse."""

from functools import cache

from loft.soda.convergence import Monitor, Problem
from loft.soda.generated import madelon_like, sparse
from loft.soda.jobs import ProcessesJob
from loft.soda.logistic import Logistic
from loft.soda.normalisation import normalise, signed
from loft.soda.optimum import minimise
from loft.soda.settings import GeneratedData, SparseData
from loft.soda.simulation import Team, deal
from loft.soda.theory import largest_step

CLUSTERS = GeneratedData(
    name="generated",
    samples=120,
    features=30,
    informative=4,
    redundant=6,
    clusters=2,
    flipped=0.0,
    seed=0,
)
WORDS = SparseData(name="sparse", samples=200, features=300, density=0.02, seed=0)


@cache
def problem(kind: str = "dense") -> Problem:
    dense = kind == "dense"
    samples = madelon_like(CLUSTERS) if dense else sparse(WORDS)
    values = normalise(samples, "standardise" if dense else "none")
    loss = Logistic(signed(values, samples.labels), 0.05 if dense else 0.01)
    lambda_1 = 0.03 if dense else 0.003
    return Problem(loss, lambda_1, minimise(loss, lambda_1, 1e-14))


def team(of: Problem, workers: int, p: float, repetition: int = 0) -> Team:
    losses = deal(of.loss.signed, of.loss.lambda_2, workers, seed=0)
    return Team(losses, largest_step(losses), of.lambda_1, p, 0, repetition)


def monitor(
    of: Problem,
    workers: int,
    target: float = 1e-12,
    epochs: int = 4000,
    patience: int | None = None,
) -> Monitor:
    return Monitor(of, workers, target, epochs, 5, patience)


def processes_job(workers: int, p: float) -> ProcessesJob:
    return ProcessesJob(
        problem="clusters",
        normalisation="standardise",
        lambda_1=0.03,
        lambda_2=0.05,
        gamma=None,
        seed=0,
        workers=workers,
        target=1e-12,
        epochs=4000,
        measure_every=10,
        p=p,
    )
