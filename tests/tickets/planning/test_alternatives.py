"""The parts of a run: which there are, and what each makes."""

from typing import Any

import pytest

from loft.core.data.dimensions import dimensions
from loft.tickets.planning.alternatives import Answers, answered, changes, chosen, list_choices
from loft.tickets.planning.planner import Planner
from loft.tickets.planning.speed import stated
from loft.tickets.run.run import Run


@pytest.fixture(scope="module")
def planner(run: Run) -> Planner:
    return Planner(dimensions(run.data), stated(run, 1))


def test_comparisons_of_the_tiny_run(run: Run) -> None:
    """At 2 ratios: LoFT-2 and LoFT-4 with 2 baselines each, and 4 workers with 2 of 2 methods."""
    found = answered(run)
    assert isinstance(found, Answers)
    assert found.comparisons == 2 * (4 + 2)


def test_a_part_that_compares_nothing_is_no_choice(planner: Planner, run: Run) -> None:
    found = list_choices(planner, run)
    assert all(choice.answers.comparisons for choice in found)
    assert all("dense" in choice.cells for choice in found)
    for choice in found:
        if "gpipe-2" in choice.cells:
            assert "loft-2" in choice.cells


def test_the_run_of_a_choice_has_its_cells_alone(
    planner: Planner, run: Run, tiny: dict[str, Any]
) -> None:
    for choice in list_choices(planner, run)[::40]:
        own = chosen(run, choice)
        assert {cell.name for cell in own.cells} == choice.cells
        assert {*own.controls} == choice.controls
        assert {*changes(run, choice)} <= {*tiny}


def test_the_largest_choice_has_all_others(planner: Planner, run: Run) -> None:
    found = list_choices(planner, run)
    largest = max(found, key=lambda choice: choice.answers)
    assert all(largest.has(choice) for choice in found)
    assert changes(run, largest) == {}
