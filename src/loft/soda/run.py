"""A run of this study: its keys in a params file, and the jobs that they make."""

from typing import Any

from loft.core.settings.keys import PAPER, key
from loft.core.settings.shared import Header
from loft.soda.jobs import (
    OptimumJob,
    ProcessesJob,
    ReportJob,
    SamplesJob,
    Shown,
    SimulateJob,
)
from loft.soda.settings import ProblemSettings, ProcessesSettings, SodaSettings


class Run(Header):
    """The keys of this study."""

    soda: SodaSettings = key(..., "SODA against DAve-PG", source=PAPER)


def problem_of(soda: SodaSettings, name: str) -> ProblemSettings:
    """Return the problem of a name."""
    return next(problem for problem in soda.problems if problem.name == name)


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
    problem = problem_of(soda, processes.problem)
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
