"""Test the section `diversity` of a params file and the errors that it raises."""

import copy
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.run import check, read
from tests.conftest import ROOT
from tests.diversity.runs import TINY


@pytest.mark.parametrize("name", ["digits", "cifar10-quick"])
def test_the_runs_have_this_study(name: str) -> None:
    assert "diversity" in read(ROOT / "params" / f"{name}.yaml").studies


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("mechanisms.dropconnect", 1.0, "mechanisms.dropconnect: found 1.0"),
        ("replication.0.samples", 25, "found 2; expected divisors of samples"),
        ("replication.0.factors.none", [2], r"factors.none: found \[2\]; expected 1 and more"),
        ("replication.0.factors.qsgd", [8], r"factors.qsgd: found \[8\]; expected some of"),
        ("replication.0.factors.dropout", [1], "dropout"),
        ("replication.0.model.name", "convent", "found 'convent'; expected one of logistic"),
        (
            "replication.1.model",
            {"name": "logistic", "pair": [0, 1]},
            "found 'logistic' twice; expected all different",
        ),
        ("replication.0.repetitions", 1, "replication.0.repetitions: found 1"),
        ("replication.0.batches.0.size", 64, "found 64 and 16; expected the smaller one first"),
        ("statements.samples", 8 - 1, "statements.samples: found 7"),
        ("statements.stability.samples", 3, "stability.samples: found 3"),
    ],
)
def test_impossible_values_name_their_key(path: str, value: Any, text: str) -> None:
    values = copy.deepcopy(TINY)
    *parts, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    section: Any = values["diversity"]
    for part in parts:
        section = section[part]
    section[last] = value
    with pytest.raises(UserError, match=text):
        check(values, "tiny")
