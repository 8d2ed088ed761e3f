"""What does not fit a schema is one line that names the key."""

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from loft.core.errors import UserError
from loft.core.settings.faults import explain
from loft.core.settings.schema import validate
from loft.tickets.run.run import Run
from tests.core.settings.test_schema import set_key


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    epochs: PositiveInt


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    training: Inner
    rate: float


GOOD: dict[str, Any] = {"training": {"epochs": 3}, "rate": 0.1}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({**GOOD, "training": {"epochs": 0}}, "training.epochs: found 0; input should be greater"),
        ({**GOOD, "training": {}}, "training.epochs: missing"),
        ({**GOOD, "training": {"epoch": 3}}, "training.epoch: unknown key, did you mean 'epochs'?"),
        ({**GOOD, "color": 1}, "color: unknown key"),
    ],
)
def test_one_fault_is_told(values: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as error:
        Outer.model_validate(values)
    line = explain(error.value, Outer)
    assert line.startswith(expected)
    assert "\n" not in line


def test_a_number_that_yaml_takes_for_text_is_said_to_be(tiny: dict[str, Any]) -> None:
    values = tiny
    set_key("pretrain.sgd.learning_rate", "1e-3")(values)
    with pytest.raises(UserError, match=r"this is text in YAML; write 1\.0e-3"):
        validate(Run, values, "here")
