"""Test the section `soda` of a params file and the errors that it raises."""

import copy
from typing import Any

import pytest

from loft import run as runs
from loft.core.errors import UserError
from loft.core.settings.params_file import read_yaml
from tests.conftest import ROOT

PARAMS = ROOT / "params" / "libsvm.yaml"


@pytest.fixture
def values() -> dict[str, Any]:
    return copy.deepcopy(read_yaml(PARAMS))


def refused(values: dict[str, Any]) -> str:
    with pytest.raises(UserError) as error:
        runs.check(values, "here")
    return str(error.value)


@pytest.mark.parametrize("p", [0.0, -0.1, 1.5])
def test_a_probability_is_above_0_and_at_most_1(values: dict[str, Any], p: float) -> None:
    values["soda"]["problems"][0]["simulate"]["probabilities"].append(p)
    text = refused(values)
    assert text.startswith("here: soda.problems.0.simulate.probabilities.9: found ")


def test_dave_pg_must_run(values: dict[str, Any]) -> None:
    plan = values["soda"]["problems"][0]["simulate"]
    plan["probabilities"], plan["curves"] = [0.5], []
    assert refused(values).endswith(
        "probabilities: found no 1; expected DAve-PG's p = 1 among them"
    )


def test_curves_are_of_what_runs(values: dict[str, Any]) -> None:
    values["soda"]["problems"][0]["simulate"]["curves"] = [0.7]
    assert refused(values).endswith("curves: found 0.7; expected some of probabilities")


def test_names_are_used_once(values: dict[str, Any]) -> None:
    values["soda"]["problems"][1]["name"] = "madelon"
    assert "problems: found 'madelon' twice; expected all different" in refused(values)


def test_processes_run_a_problem_of_the_run(values: dict[str, Any]) -> None:
    values["soda"]["processes"]["problem"] = "w8a"
    assert "processes: found problem 'w8a'; expected one of" in refused(values)


def test_an_unknown_key_is_named(values: dict[str, Any]) -> None:
    values["soda"]["problems"][0]["lambda1"] = 0.1
    assert "lambda1: unknown key, did you mean 'lambda_1'?" in refused(values)
