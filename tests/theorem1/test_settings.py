"""Test the section `theorem1` of a params file and the errors that it raises."""

import pytest

from loft.core.errors import UserError
from loft.run import check, read
from tests.conftest import ROOT
from tests.theorem1.conftest import changed


@pytest.mark.parametrize("name", ["digits", "theorem1"])
def test_the_projects_runs_are_valid(name: str) -> None:
    assert "theorem1" in read(ROOT / "params" / f"{name}.yaml").studies


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("theorem1.stepp", 1.0, "theorem1.stepp: unknown key, did you mean 'step'?"),
        ("theorem1.probability", 1.0, "theorem1.probability: found 1.0"),
        ("theorem1.synthetic.filter", 4, "filter: found 4; expected at most 3 pixels"),
        ("theorem1.images.window", 3, "window: found 3; expected a divisor of 8"),
        ("theorem1.sweeps.workers", [1, 2, 3, 4], "sweeps.workers: found 3 and 16"),
        ("theorem1.sweeps.widths", [4, 8, 16, 33], "sweeps.widths: found 2 and 33"),
        ("theorem1.sweeps.local_steps", [1, 5, 6], "sweeps.local_steps: found 5 and 24"),
        ("theorem1.repetitions.least", 1, "theorem1.repetitions.least: found 1"),
    ],
)
def test_impossible_values(key: str, value: object, expected: str) -> None:
    with pytest.raises(UserError) as error:
        check(changed(key, value), "alone")
    assert expected in str(error.value)


def test_some_data_are_needed() -> None:
    values = changed("theorem1.synthetic", None)
    values["theorem1"]["images"] = None
    with pytest.raises(UserError, match="found null for both"):
        check(values, "alone")
