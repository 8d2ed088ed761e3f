"""Test what the jobs of this study hold."""

import copy
from typing import Any

import pytest

from loft import run as runs
from loft.core.settings.params_file import read_yaml
from loft.soda.run import problem_of, simulate_job
from tests.conftest import ROOT

PARAMS = ROOT / "params" / "libsvm.yaml"


@pytest.fixture
def values() -> dict[str, Any]:
    return copy.deepcopy(read_yaml(PARAMS))


def test_a_job_is_told_its_own_probability(values: dict[str, Any]) -> None:
    soda = runs.check(values, "here").soda
    job = simulate_job(soda, problem_of(soda, "madelon"), "0.0003")
    assert (job.p, job.curve_points) == (0.0003, 0)
    assert simulate_job(soda, problem_of(soda, "madelon"), "0.1").curve_points == 200
