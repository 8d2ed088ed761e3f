"""Settings that studies share: what cannot be is refused, and what changes no bit is not told."""

from typing import Any

import pytest
from pydantic import ValidationError

from loft.core.settings.schema import Settings
from loft.core.settings.shared import ComputeSettings, Header, LinkSettings, SgdSettings


@pytest.mark.parametrize(
    ("schema", "values", "key"),
    [
        (Header, {"run": "a b", "studies": ["soda"]}, "run"),
        (Header, {"run": "../a", "studies": ["soda"]}, "run"),
        (Header, {"run": "a", "studies": []}, "studies"),
        (Header, {"run": "a", "studies": ["soda", "soda"]}, "studies"),
        (ComputeSettings, {"threads": 0}, "threads"),
        (ComputeSettings, {"precision": "float16"}, "precision"),
        (ComputeSettings, {"captured": "always"}, "captured"),
        (ComputeSettings, {"tflops": 0}, "tflops"),
        (SgdSettings, {"learning_rate": 0}, "learning_rate"),
        (SgdSettings, {"momentum": 1}, "momentum"),
        (SgdSettings, {"weight_decay": -1e-9}, "weight_decay"),
        (SgdSettings, {"batch_size": 0}, "batch_size"),
        (LinkSettings, {"latency": -1}, "latency"),
        (LinkSettings, {"bandwidth": 0}, "bandwidth"),
    ],
)
def test_what_cannot_be_names_its_key(
    schema: type[Settings], values: dict[str, Any], key: str
) -> None:
    with pytest.raises(ValidationError) as error:
        schema.model_validate(values)
    assert {each["loc"][0] for each in error.value.errors()} == {key}


def test_a_job_is_told_what_may_change_its_bits() -> None:
    """Sharing a GPU and the stated speed change none, so another value reruns nothing."""
    plain, shared = ComputeSettings(), ComputeSettings(jobs_per_gpu=7, tflops=2.0)
    assert shared.dump() == plain.dump()
    assert ComputeSettings(threads=2).dump() != plain.dump()


@pytest.mark.parametrize(("key", "other"), [("captured", False), ("deterministic", True)])
def test_a_value_that_does_as_before_is_not_told(key: str, other: bool) -> None:
    assert key not in ComputeSettings().dump()
    told = ComputeSettings.model_validate({key: other})
    assert key in told.dump()
    assert ComputeSettings.parse(told.dump()) == told
