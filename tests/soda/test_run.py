"""Test a run of this study alone, and the jobs that its keys make."""

import pytest

from loft import run as runs
from loft.soda.run import (
    optimum_job,
    problem_of,
    processes_job,
    report_job,
    samples_job,
    simulate_job,
)
from loft.soda.settings import SodaSettings
from tests.conftest import ROOT

PARAMS = ROOT / "params" / "libsvm.yaml"


@pytest.fixture(scope="module")
def soda() -> SodaSettings:
    settings: SodaSettings = runs.read(PARAMS).soda
    return settings


def test_a_run_of_this_study_alone_needs_no_other_keys() -> None:
    run = runs.read(PARAMS)
    assert run.studies == ["soda"]
    assert not hasattr(run, "models")


def test_all_jobs_of_a_problem_have_its_penalties(soda: SodaSettings) -> None:
    problem = problem_of(soda, "madelon")
    assert problem.name == "madelon"
    for job in (optimum_job(soda, problem), simulate_job(soda, problem, "0.1")):
        assert job.problem == "madelon"
        assert (job.lambda_1, job.lambda_2) == (problem.lambda_1, problem.lambda_2)
        assert job.normalisation == problem.normalisation
    assert samples_job(problem).data == problem.data


def test_real_processes_run_the_problem_that_they_name(soda: SodaSettings) -> None:
    assert soda.processes is not None
    problem = problem_of(soda, soda.processes.problem)
    job = processes_job(soda, soda.processes)
    assert (job.problem, job.gamma, job.lambda_1) == (problem.name, problem.gamma, problem.lambda_1)
    assert (job.workers, job.p) == (soda.processes.workers, soda.processes.p)
    assert job.seed == simulate_job(soda, problem, "0.1").seed == soda.seed


def test_the_report_shows_the_problems_in_their_order(soda: SodaSettings) -> None:
    shown = report_job(soda).problems
    assert [each.problem for each in shown] == [problem.name for problem in soda.problems]
    assert [each.figures for each in shown] == [problem.figures for problem in soda.problems]


def test_a_curve_is_kept_of_the_probabilities_that_ask_for_one(soda: SodaSettings) -> None:
    problem = problem_of(soda, "madelon")
    assert problem.simulate is not None
    kept = [
        p
        for p in problem.simulate.probabilities
        if simulate_job(soda, problem, f"{p:g}").curve_points
    ]
    assert sorted(kept) == sorted(problem.simulate.curves)
    assert 0 < len(kept) < len(problem.simulate.probabilities)
