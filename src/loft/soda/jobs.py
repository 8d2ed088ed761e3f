"""Define the job of each step: every setting that can change its result, and no other."""

from collections.abc import Hashable
from typing import Any, Literal

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.soda.config import (
    DataSettings,
    NetworkSettings,
    Normalisation,
    PaperData,
    ProblemSettings,
    ProcessesSettings,
    SodaSettings,
)


class SamplesJob(Settings):
    """The job of `loft soda-samples`."""

    data: DataSettings
    normalisation: Normalisation


class Penalties(Settings):
    """A problem's name, normalisation and penalties."""

    problem: str
    normalisation: Normalisation
    lambda_1: float
    lambda_2: float


class OptimumJob(Penalties):
    """The job of `loft soda-optimum`."""

    kkt_tolerance: float


class RunJob(Penalties):
    """The part of a job that simulated and real runs share."""

    gamma: float | None
    seed: int
    workers: int
    target: float
    epochs: int
    measure_every: int
    p: float


class SimulateJob(RunJob):
    """The job of `loft soda-simulate`."""

    repetitions: int
    network: NetworkSettings
    restart_patience: int
    curve_points: int  # 0: no curve is kept


class ProcessesJob(RunJob):
    """The job of `loft soda-processes`."""


class Shown(Settings):
    """The figures that show a problem, and the data set that it stands for."""

    problem: str
    stands_for: PaperData | None
    figures: Distinct[Literal[1, 2, 3]]

    @property
    def told_by(self) -> Hashable:
        return self.problem


class ReportJob(Settings):
    """The job of `loft soda-tables`, `loft soda-figures` and `loft soda-compare`."""

    problems: Distinct[Shown]


def samples_job(problem: ProblemSettings) -> SamplesJob:
    """Return the job that makes a problem's samples."""
    return SamplesJob(data=problem.data, normalisation=problem.normalisation)


def optimum_job(soda: SodaSettings, problem: ProblemSettings) -> OptimumJob:
    """Return the job that finds a problem's minimiser."""
    return OptimumJob(**_penalties(problem), kkt_tolerance=soda.kkt_tolerance)


def simulate_job(soda: SodaSettings, problem: ProblemSettings, p: str) -> SimulateJob:
    """Return the job that simulates a problem with probability `p`, spelt as in paths."""
    plan = problem.simulate
    assert plan is not None  # no rule asks for it otherwise
    given = plan.model_dump(exclude={"probabilities", "curves"})
    curve = float(p) in [float(f"{kept:g}") for kept in plan.curves]
    return SimulateJob(
        **_penalties(problem),
        **given,
        gamma=problem.gamma,
        seed=soda.seed,
        workers=soda.workers,
        p=float(p),
        network=soda.network,
        restart_patience=soda.restart_patience,
        curve_points=soda.curve_points if curve else 0,
    )


def processes_job(soda: SodaSettings, processes: ProcessesSettings) -> ProcessesJob:
    """Return the job that runs real processes."""
    problem = soda.problem(processes.problem)
    given = processes.model_dump(exclude={"problem"})
    return ProcessesJob(**_penalties(problem), **given, gamma=problem.gamma, seed=soda.seed)


def report_job(soda: SodaSettings) -> ReportJob:
    """Return the job that makes tables and figures."""
    shown = [
        Shown(problem=problem.name, stands_for=problem.stands_for, figures=problem.figures)
        for problem in soda.problems
    ]
    return ReportJob(problems=shown)


def _penalties(problem: ProblemSettings) -> dict[str, Any]:
    return {
        "problem": problem.name,
        **problem.model_dump(include={"normalisation", "lambda_1", "lambda_2"}),
    }
