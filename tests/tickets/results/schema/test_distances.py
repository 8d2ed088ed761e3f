"""Distances have a value for every epoch."""

import pytest
from pydantic import ValidationError

from loft.tickets.results.schema.distances import Distance

WHOSE = {"model": "net", "dataset": "digits", "cell": "loft-2", "seed": 0}
LINE = {**WHOSE, "norm": "l2", "to_epoch": 1, "mean": [2.0, 0.0], "layers": {"stem": [1.0, 0.0]}}


def test_a_line() -> None:
    assert Distance.model_validate(LINE).whose() == ("net", "digits", "loft-2", 0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mean": [2.0]}, "'mean': found 1 distances; expected 2, by to_epoch"),
        ({"layers": {}}, "layers: missing"),
        ({"layers": {"stem": [1.0]}}, "'stem': found 1 distances"),
    ],
)
def test_lines_that_are_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Distance.model_validate({**LINE, **changed})
