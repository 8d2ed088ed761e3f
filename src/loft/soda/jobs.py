"""What each step of this study is told. No job holds what does not change its result."""

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
    """What `loft soda-samples` is told."""

    data: DataSettings
    normalisation: Normalisation


class Penalties(Settings):
    """What makes samples a problem, and its names."""

    problem: str
    normalisation: Normalisation
    lambda_1: float
    lambda_2: float


class OptimumJob(Penalties):
    """What `loft soda-optimum` is told."""

    kkt_tolerance: float


class RunJob(Penalties):
    """What both engines are told."""

    gamma: float | None
    seed: int
    workers: int
    target: float
    epochs: int
    measure_every: int
    p: float


class SimulateJob(RunJob):
    """What `loft soda-simulate` is told."""

    repetitions: int
    network: NetworkSettings
    restart_patience: int
    curve_points: int  # 0: no curve is kept


class ProcessesJob(RunJob):
    """What `loft soda-processes` is told."""


class Shown(Settings):
    """Where a problem appears."""

    problem: str
    stands_for: PaperData | None
    figures: Distinct[Literal[1, 2, 3]]

    @property
    def told_by(self) -> Hashable:
        return self.problem


class ReportJob(Settings):
    """What `loft soda-tables` and `loft soda-figures` are told."""

    problems: Distinct[Shown]


def samples_job(problem: ProblemSettings) -> SamplesJob:
    """Return what makes a problem's samples."""
    return SamplesJob(data=problem.data, normalisation=problem.normalisation)


def optimum_job(soda: SodaSettings, problem: ProblemSettings) -> OptimumJob:
    """Return what finds a problem's minimiser."""
    return OptimumJob(**_penalties(problem), kkt_tolerance=soda.kkt_tolerance)


def simulate_job(soda: SodaSettings, problem: ProblemSettings, p: str) -> SimulateJob:
    """Return what simulates a problem with one probability, as paths spell it."""
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
    """Return what runs real processes."""
    problem = soda.problem(processes.problem)
    given = processes.model_dump(exclude={"problem"})
    return ProcessesJob(**_penalties(problem), **given, gamma=problem.gamma, seed=soda.seed)


def report_job(soda: SodaSettings) -> ReportJob:
    """Return what makes tables and figures."""
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
