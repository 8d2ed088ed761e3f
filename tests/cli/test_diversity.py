"""The steps of the study of gradient diversity and their options."""

import pytest

from tests.cli.conftest import Options

STEPS = {
    "diversity-replication": "--settings --data --metrics",
    "diversity-passes": "--settings --data --metrics",
    "diversity-speedup": "--settings --data --metrics",
    "diversity-dropconnect": "--settings --data --metrics",
    "diversity-statements": "--settings --metrics",
    "diversity-tables": "--settings --metrics --out",
    "diversity-figures": "--settings --metrics --out --processes",
    "diversity-rounds": "--metrics --out --processes",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_its_options(options: Options, step: str) -> None:
    assert options(step) == {*STEPS[step].split()}
