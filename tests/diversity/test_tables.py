"""Test tables of lines written by hand."""

import math
from typing import Any

import pytest

from loft.core.reporting.metrics import Line
from loft.diversity.measurements import interval
from loft.diversity.steps.tables import render
from loft.diversity.tables import replication, statements
from loft.run import read as read_run
from tests.conftest import ROOT
from tests.project import committed, committed_lines

JOB: Line = {
    "kind": "job",
    "step": "replication",
    "model": "logistic",
    "repetitions": 3,
}
PUBLISHED = sorted(ROOT.glob("results/*/diversity"))


def runs(mechanism: str, factor: int, ratios: list[float | None]) -> list[Line]:
    """The second loss is 2 with small batches and `ratio` times 2 with large ones."""
    about: dict[str, Any] = {"kind": "run", "mechanism": mechanism, "replication": factor}
    lines: list[Line] = []
    for repetition, ratio in enumerate(ratios, start=1):
        large = None if ratio is None else 2 * ratio
        for batch, loss in ((16, 2.0), (512, large)):
            lines.append({**about, "repetition": repetition, "batch": batch, "losses": [2.0, loss]})
    return lines


def test_an_interval_is_students() -> None:
    mean, low, high = interval([1.0, 2.0, 3.0], 0.95)
    assert mean == 2
    assert high - 2 == pytest.approx(4.30265 / 3**0.5, rel=1e-5)
    assert 2 - low == pytest.approx(high - 2)
    assert math.isnan(interval([1.0], 0.95)[1])
    assert math.isnan(interval([], 0.95)[0])


def test_ratios_are_means_over_looks_and_compared_by_repetition() -> None:
    """The two evaluations have the ratios 1 and `ratio`."""
    job = [
        JOB,
        *runs("none", 1, [3.0, 5.0, 7.0]),
        *runs("none", 2, [5.1, 7.0, 9.1]),
        *runs("dropconnect", 2, [3.1, 5.0, 7.1]),
        *runs("sgld", 1, [3.0, 5.4, 6.5]),
        *runs("qsgd", 1, [4.9, 7.1, 9.0]),
    ]
    table = replication.make([job], 0.95).set_index(["mechanism", "replication"])
    assert [*table.columns] == ["model", "loss_ratio", "low", "high", "samples", "finding"]
    assert table.loc[("none", 1), "loss_ratio"] == pytest.approx((1 + 5) / 2)
    assert table["finding"].to_dict() == {
        ("none", 1): "the data as they are",
        ("none", 2): "grows from replication 1",
        ("dropconnect", 2): "lower than without",
        ("sgld", 1): "not told from without",
        ("qsgd", 1): "higher than without",
    }
    assert set(table["samples"]) == {3}


def test_divergence_is_said() -> None:
    job = [JOB, *runs("none", 1, [3.0, None, 5.0])]
    (row,) = replication.make([job], 0.95).to_dict("records")
    assert row["samples"] == 2
    assert row["finding"] == "the data as they are; 1 diverged"


def convergence(**changed: Any) -> str:
    line: Line = {
        "kind": "convergence",
        "theorem": "pl",
        "delta": 1.0,
        "batch": 5,
        "largest_batch": 100.0,
        "updates": 50,
        "promised": 1.0,
        "inside": True,
        "attained": [0.4, 0.5, 0.6],
    }
    table = statements.make([[{"kind": "job", "step": "s"}, {**line, **changed}]], 0.95)
    return str(table["finding"][0])


def test_statements_hold_only_with_their_conditions() -> None:
    assert convergence() == "holds"
    assert convergence(attained=[0.9, 1.0, 1.2]) == "DOES NOT HOLD"
    assert convergence(promised=None) == "nothing promised"
    assert convergence(inside=False) == "nothing promised"
    assert convergence(batch=101) == "nothing promised"


@pytest.mark.parametrize(
    ("bound", "expected", "finding"),
    [(5.0, 7.0, "holds"), (5.0, 4.0, "DOES NOT HOLD"), (50.0, 20.0, "holds"), (50.0, 60.0, "DOES")],
)
def test_mechanisms_raise_the_bound_up_to_n_and_lower_it_beyond(
    bound: float, expected: float, finding: str
) -> None:
    line = {"kind": "mechanism", "mechanism": "sgld", "definition": 1, "weights": "start"}
    line |= {"samples": 10, "bound": bound, "expected": expected, "drawn": expected}
    table = statements.make([[{"kind": "job", "step": "s"}, line]], 0.95)
    assert finding in table["finding"][0]


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.parent.name)
def test_published_tables_are_made_from_the_published_lines(folder: Any) -> None:
    job = read_run(ROOT / "params" / f"{folder.parent.name}.yaml").diversity_report()
    for name, text in render(job, committed_lines(folder)).items():
        assert committed(folder / name).read_text(encoding="utf-8") == text, name
