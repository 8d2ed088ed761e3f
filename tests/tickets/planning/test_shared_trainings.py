"""What cells share is made once, and the time that this saves."""

import copy
from typing import Any

import pytest

from loft.tickets.planning.planner import Planner
from loft.tickets.planning.shared_trainings import shared
from loft.tickets.run.run import Run


def test_what_sharing_saves(planner: Planner, tiny: dict[str, Any]) -> None:
    """GPipe-4 beside GPipe-2 costs less, by what is said, than it adds to a run without GPipe."""
    tiny["finetune"]["early"] = {"cells": [], "ratios": []}

    def total(workers: list[int]) -> tuple[Run, float]:
        values = copy.deepcopy(tiny)
        values["methods"]["gpipe"]["workers"] = workers
        if not workers:
            del values["methods"]["gpipe"]
        run = Run.model_validate(values)
        return run, sum(job.device_seconds for job in planner.jobs(run))

    (both, cost_of_both), (_, two), (_, four), (_, none) = map(total, ([2, 4], [2], [4], []))
    (saved,) = [each.saved for each in shared(planner, both) if each.what.startswith("gpipe-4")]
    assert saved == pytest.approx(two + four - none - cost_of_both)


def test_what_is_made_once_is_said(planner: Planner, run: Run) -> None:
    found = {each.what: each.saved for each in shared(planner, run)}
    texts = [*found]
    assert texts[0].startswith("gpipe-4 has gpipe-2's networks and tickets; it takes 2 steps")
    assert "the random ticket is cut out of dense's last snapshot" in texts
    assert any("one unpruned run a seed is the dense column of 9 rows" in text for text in texts)
    assert found[texts[-1]] is None


def test_without_controls_and_early_tickets_less_is_shared(
    planner: Planner, tiny: dict[str, Any]
) -> None:
    tiny["controls"] = []
    tiny["finetune"]["early"] = {"cells": [], "ratios": []}
    tiny["methods"]["gpipe"]["workers"] = [2]
    found = shared(planner, Run.model_validate(tiny))
    assert [each.saved for each in found] == [None, None]
