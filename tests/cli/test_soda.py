"""The steps of the study of SODA and their options."""

import pytest

from tests.cli.conftest import Options

STEPS = {
    "soda-samples": "--settings --out --originals --cache",
    "soda-optimum": "--settings --samples --out --metrics",
    "soda-simulate": "--settings --samples --optimum --metrics",
    "soda-processes": "--settings --samples --optimum --metrics",
    "soda-tables": "--settings --metrics --out",
    "soda-figures": "--settings --metrics --out --processes",
    "soda-compare": "--settings --metrics --out --tickets",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_its_options(options: Options, step: str) -> None:
    assert options(step) == {*STEPS[step].split()}
