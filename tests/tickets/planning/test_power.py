"""Planned power: the three statements, the seeds they need, and where the deviation comes from."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from loft.cli import main
from loft.core.errors import UserError
from loft.tickets.planning import power
from loft.tickets.run.run import Run
from tests.conftest import TINY

CIFAR: dict[str, Any] = {
    **TINY,
    "seeds": [0, 1, 2],
    "data": {"name": "cifar10", "train_images": 1000, "test_images": 200},
    "prune": {**TINY["prune"], "ratios": [0.8, 0.5]},
}
RUN = Run.model_validate(CIFAR)


def plan(run: Run = RUN, **given: str) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {"deviation": None, "source": None, "difference": None, **given}
    found: list[dict[str, Any]] = json.loads(power.run(run, **asked, as_json=True))
    return found


def by_statement(found: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return {each["statement"]: each[key] for each in found if each["ratio"] == 0.8}


def test_the_true_difference_is_zero_or_twice_the_margin_or_as_asked_for() -> None:
    found = plan(deviation="0.4")
    assert by_statement(found, "true") == {"equal": 0.0, "better": 1.6, "beyond": 1.6}
    assert by_statement(found, "margin") == dict.fromkeys(("equal", "better", "beyond"), 0.8)
    asked = plan(deviation="0.4", difference="1.2")
    assert by_statement(asked, "true") == {"equal": 0.0, "better": 1.2, "beyond": 1.2}
    assert by_statement(asked, "power")["beyond"] < by_statement(found, "power")["beyond"]


def test_more_spread_has_less_power_and_needs_more_seeds() -> None:
    few, many = (plan(deviation=points) for points in ("0.2", "0.8"))
    for statement in ("equal", "better", "beyond"):
        assert by_statement(few, "power")[statement] > by_statement(many, "power")[statement]
        assert by_statement(few, "needed")[statement] < by_statement(many, "needed")[statement]
    assert by_statement(plan(deviation="50"), "needed")["equal"] is None


def test_the_seeds_needed_have_the_power() -> None:
    enough = by_statement(plan(deviation="0.6"), "needed")["equal"]
    reached = [
        by_statement(
            plan(Run.model_validate({**CIFAR, "seeds": [*range(seeds)]}), deviation="0.6"), "power"
        )["equal"]
        for seeds in (enough - 1, enough)
    ]
    assert reached[0] < 0.8 <= reached[1]


def test_one_seed_has_no_power() -> None:
    found = plan(Run.model_validate({**CIFAR, "seeds": [0]}), deviation="0.1")
    assert {each["power"] for each in found} == {0}


def test_the_comparisons_of_a_row_are_loft_with_each_baseline_at_each_ratio() -> None:
    assert power.comparisons(RUN) == 4
    methods = {key: value for key, value in TINY["methods"].items() if key != "local_sgd"}
    assert power.comparisons(Run.model_validate({**CIFAR, "methods": methods})) == 2


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run's tables: two cells of three seeds, variances 1 and 4, and an earlier snapshot."""
    folder = tmp_path / "results" / "before" / "tickets"
    folder.mkdir(parents=True)
    about = {"model": "preresnet18", "dataset": "made", "ratio": 0.8}
    values = {"loft-2": [89.0, 90.0, 91.0], "gpipe-2": [88.0, 90.0, 92.0]}
    rows = [
        {**about, "cell": cell, "seed": seed, "snapshot": at, "test_accuracy": value - (at == 1)}
        for cell, seeds in values.items()
        for seed, value in enumerate(seeds)
        for at in (1, 2)
    ]
    pd.DataFrame(rows).to_csv(folder / "tickets.csv", index=False)
    row = {"model": "preresnet18", "dataset": "made", "method": "loft", "workers": 2}
    row |= {"comm_gigabytes": 1, "accuracy_80": 90, "accuracy_80_std": 1, "dense_accuracy": 96.0}
    pd.DataFrame([row]).to_csv(folder / "table1.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_deviation_of_a_run_is_pooled_over_its_cells(tables: Path) -> None:
    """Variances 1 and 4 give sqrt(2.5); the dense column's error rate of 4 % a margin of 0.6."""
    run = Run.model_validate({**CIFAR, "prune": {**CIFAR["prune"], "ratios": [0.8]}})
    found = plan(run, source="before")
    assert [each["deviation"] for each in found] == pytest.approx([2.5**0.5] * 3)
    assert by_statement(found, "margin")["equal"] == pytest.approx(0.6)
    text = power.run(run, None, "before", None, as_json=False)
    assert "measured in run 'before', as are dense columns" in text
    assert "preresnet18, 0.8" in text


def test_a_run_without_such_tickets_is_one_line(tables: Path) -> None:
    with pytest.raises(UserError, match=r"^--from: .*tickets\.csv: found no deviation of .* 0\.5;"):
        plan(source="before")
    with pytest.raises(UserError, match=r"none/tickets/tickets\.csv: no such file"):
        plan(source="none")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "--power: found neither --deviation nor --from"),
        ({"deviation": "1", "source": "before"}, "--power: found both of them"),
        ({"deviation": "much"}, "--deviation: found 'much'; expected points"),
        ({"deviation": "nan"}, "--deviation: found 'nan'; expected points"),
        ({"deviation": "-1"}, "--deviation: found '-1'; expected points"),
        ({"deviation": "1", "difference": "0"}, "--difference: found '0'; expected points"),
    ],
)
def test_what_cannot_be_planned_is_one_line(given: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=f"^{said}") as error:
        plan(RUN, **given)
    assert "\n" not in str(error.value)


def test_a_margin_without_a_dense_column_says_so() -> None:
    run = Run.model_validate({**CIFAR, "data": TINY["data"]})
    text = power.run(run, "0.4", None, None, as_json=False)
    assert "Dense column unknown, so margins in points alone: preresnet18." in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--power", "--deviation", "1", "--budget", "2h"], "--budget: found 2h; expected no such"),
        (["--difference", "1"], "--difference: found 1; expected no such option with a plan"),
        (["--from", "digits"], "--from: found digits; expected no such option with a plan"),
    ],
)
def test_options_of_the_other_plan_are_refused(
    capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["plan", "--params", "params/digits.yaml", *options]) == 2
    assert capsys.readouterr().err.startswith(f"loft: {said}")
