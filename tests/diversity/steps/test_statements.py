"""Test the lines of the step `loft diversity-statements`."""

import pytest

from loft.core.reporting.metrics import Line, read
from loft.diversity.steps import statements
from loft.run import check
from tests.diversity.runs import TINY


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    path = tmp_path_factory.mktemp("lines") / "metrics.jsonl"
    statements.run(check(TINY, "tiny").statements_job(), path)
    return read(path)


def of_kind(lines: list[Line], kind: str) -> list[Line]:
    return [line for line in lines if line["kind"] == kind]


def test_every_theorem_has_its_batches_and_one_beyond_them(lines: list[Line]) -> None:
    found = of_kind(lines, "convergence")
    assert {line["theorem"] for line in found} == {"smooth", "pl", "convex", "strongly_convex"}
    assert sorted({line["delta"] for line in found}) == [0.0, 1.0, statements.BEYOND]
    for line in found:
        assert (line["promised"] is None) == (line["delta"] == statements.BEYOND)


def test_bounds_are_never_above_what_is_measured(lines: list[Line]) -> None:
    found = of_kind(lines, "bound")
    assert len(found) == 4  # two cases, two definitions
    assert all(line["bound"] <= line["least"] * (1 + 1e-6) for line in found)


def test_the_first_batch_of_stability_is_serial_sgd(lines: list[Line]) -> None:
    batches = [line["batch"] for line in of_kind(lines, "stability")]
    assert batches[0] == 1
    assert batches == sorted(batches)


def test_mechanisms_are_measured_where_something_is_proved(lines: list[Line]) -> None:
    found = {(line["definition"], line["mechanism"]) for line in of_kind(lines, "mechanism")}
    assert (1, "qsgd") in found
    assert (2, "qsgd") not in found
