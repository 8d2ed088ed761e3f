"""A budget buys what answers most, never more than it can pay, and more buys no less."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snakemake.utils import update_config

from loft.core.data.dimensions import dimensions
from loft.core.errors import UserError
from loft.tickets.planning import budget
from loft.tickets.planning.alternatives import Choice, changes, list_choices
from loft.tickets.planning.planner import Planner
from loft.tickets.planning.speed import stated
from loft.tickets.results.cells import Cell
from loft.tickets.run.run import Run
from tests.conftest import TINY

VALUES: dict[str, Any] = {
    **TINY,
    "seeds": [3, 1, 2],
    "models": [{"name": "preresnet18", "width": 4}, {"name": "resnet34", "width": 4}],
    "methods": {**TINY["methods"], "loft": {**TINY["methods"]["loft"], "workers": [2, 4, 8]}},
}
RUN = Run.model_validate(VALUES)
PLANNER = Planner(dimensions(RUN.data), stated(RUN, 1e-6))
PARTS = list_choices(PLANNER, RUN)
WHOLE = max(part.seconds for part in PARTS)
SMALLEST = min(part.seconds for part in PARTS)
SECONDS = st.floats(0, 1.2 * WHOLE) | st.sampled_from([part.seconds for part in PARTS])


@pytest.mark.parametrize(
    ("text", "seconds"), [("20h", 72_000), ("90m", 5400), ("2d", 172_800), ("0.5h", 1800)]
)
def test_units(text: str, seconds: float) -> None:
    assert budget.parse(text) == seconds


@pytest.mark.parametrize("text", ["20", "h", "", "-3h", "0h", "1w", "1 h", "1h30m", "infh"])
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(UserError, match=r"^--budget: found '.*'; expected device time"):
        budget.parse(text)


@settings(deadline=None)
@given(SECONDS)
def test_what_is_chosen_fits_and_is_whole(seconds: float) -> None:
    best = budget.choose(PARTS, seconds)
    assert (best is None) == (seconds < SMALLEST)
    if best is None:
        return
    assert best.seconds <= seconds
    assert "dense" in best.cells
    led = {Cell.parse(name).workers for name in best.cells if name.startswith("loft")}
    assert all(Cell.parse(name).workers in led for name in best.cells - {"dense"})
    assert best.answers.comparisons > 0


@settings(deadline=None)
@given(SECONDS, SECONDS)
def test_a_bigger_budget_never_answers_less(one: float, other: float) -> None:
    few, many = (budget.choose(PARTS, seconds) for seconds in sorted((one, other)))
    if few is not None:
        assert many is not None
        assert few.answers <= many.answers
        assert few.answers.comparisons <= many.answers.comparisons


@settings(deadline=None)
@given(SECONDS)
def test_what_is_left_out_does_not_fit(seconds: float) -> None:
    best = budget.choose(PARTS, seconds)
    if best is not None:
        left = seconds - best.seconds
        assert all(each.seconds > left for each in budget.left_out(RUN, PARTS, best))


@settings(max_examples=20, deadline=None)
@given(SECONDS)
def test_the_changes_make_a_run_that_costs_what_was_said(seconds: float) -> None:
    """As Snakemake merges a second params file, and as the account of that run adds up."""
    best = budget.choose(PARTS, seconds)
    if best is None:
        return
    values = RUN.model_dump()
    update_config(values, changes(RUN, best))
    own = Run.model_validate(values)
    jobs = PLANNER.jobs(own)
    assert sum(job.device_seconds for job in jobs) == pytest.approx(best.seconds)
    assert {model.name for model in own.models} == best.models
    assert {cell.name for cell in own.cells} == best.cells
    assert own.seeds == RUN.seeds[: best.seeds]
    assert sorted(own.controls) == sorted(best.controls)


def test_enough_buys_everything_and_changes_nothing() -> None:
    found = budget.spend(PLANNER, RUN, WHOLE)
    assert (found.changes, found.left_out) == ({}, [])
    assert found.seconds == pytest.approx(found.whole)


def test_one_seed_of_every_comparison_comes_before_a_second_seed() -> None:
    """Each network: LoFT-2 and -4 with two baselines each, two times 4 workers with 2; 2 ratios."""
    most = 2 * 2 * (2 * 2 + 2)
    assert max(part.answers.comparisons for part in PARTS) == most
    all_once = min(p.seconds for p in PARTS if p.answers.comparisons == most and p.seeds == 1)
    assert budget.spend(PLANNER, RUN, all_once).seeds == [3]
    less = budget.choose(PARTS, math.nextafter(all_once, 0))
    assert less is not None
    assert less.answers.comparisons < most


def test_side_questions_and_lone_rows_come_last() -> None:
    thrice = [part for part in PARTS if part.seeds == 3 and part.answers.repeated == 3 * 24]
    bare = min(thrice, key=lambda part: part.seconds)
    assert (bare.early, bare.controls) == (False, frozenset())
    assert "loft-8" not in bare.cells
    assert budget.choose(PARTS, bare.seconds) == bare


def test_too_little_says_what_the_smallest_question_needs() -> None:
    found = budget.spend(PLANNER, RUN, SMALLEST / 2)
    assert (found.models, found.changes, found.smallest) == ([], {}, SMALLEST)


def test_the_smallest_question_is_one_pair_on_the_cheaper_network() -> None:
    smallest: Choice = min(PARTS, key=lambda part: part.seconds)
    assert (smallest.models, smallest.seeds) == (frozenset({"preresnet18"}), 1)
    assert len(smallest.cells) == 3  # dense, LoFT-2 and one baseline


def test_a_run_that_compares_nothing_is_chosen_by_its_rows() -> None:
    methods = {name: TINY["methods"][name] for name in ("dense", "loft")}
    early = {**TINY["finetune"], "early": {"cells": ["loft-2"], "ratios": [0.8]}}
    values = {**TINY, "methods": methods, "finetune": early, "controls": []}
    values["methods"]["loft"] = {**methods["loft"], "workers": [2]}
    lone = Run.model_validate(values)
    assert budget.spend(PLANNER, lone, WHOLE).cells == ["dense", "loft-2"]
