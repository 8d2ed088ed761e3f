"""The steps of the study of Theorem 1 and their options."""

import pytest

from tests.cli.conftest import Options

STEPS = {
    "theorem1": "--settings --data --metrics",
    "theorem1-report": "--settings --metrics --out",
    "theorem1-figures": "--settings --metrics --out --processes",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_its_options(options: Options, step: str) -> None:
    assert options(step) == {*STEPS[step].split()}
