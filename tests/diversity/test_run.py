"""Test a run of this study: what it refuses, and the jobs that its keys make."""

import copy

import pytest

from loft.core.errors import UserError
from loft.run import check, read
from tests.conftest import ROOT
from tests.diversity.runs import TINY


def test_images_must_fit_into_memory() -> None:
    values = copy.deepcopy(TINY)
    values["data"] = read(ROOT / "params" / "imagenet.yaml").data.model_dump()
    with pytest.raises(UserError, match="expected data kept in memory"):
        check(values, "tiny")


@pytest.mark.parametrize("part", ["passes", "dropconnect", "speedup"])
def test_a_channel_of_one_value_is_refused(part: str) -> None:
    """Digits of 8x8 leave the last layers a pixel, and GroupNorm of one value is 0."""
    values = copy.deepcopy(TINY)
    narrow = {"name": "wideresnet18", "width": 1, "widening": 1}
    values["diversity"][part]["model"] = narrow
    with pytest.raises(UserError, match=rf"{part}.model.width: found 1; expected 2 and more where"):
        check(values, "tiny")
    values["diversity"][part]["model"] = {**narrow, "widening": 2}
    assert check(values, "tiny")


def test_replication_has_models_of_its_own() -> None:
    values = copy.deepcopy(TINY)
    values["diversity"]["replication"][1]["model"] = {"name": "preresnet18", "width": 1}
    with pytest.raises(UserError, match=r"replication.1.model.width: found 1; expected 2 and more"):
        check(values, "tiny")


def test_jobs_are_told_what_their_numbers_depend_on() -> None:
    run = check(TINY, "tiny")
    own = run.diversity
    report = run.diversity_report()
    assert (report.network, report.modelled) == (own.speedup.network, [4])
    assert (report.tolerance, report.confidence) == (0.2, 0.95)
    assert run.speedup_job(2).workers == 2
    assert "mechanisms" not in run.speedup_job(2).model_dump()  # it knows the plain gradient alone
    assert run.passes_job().mechanisms == run.dropconnect_job().mechanisms == own.mechanisms
    assert run.statements_job().model_dump() == {
        "seed": 0,
        "statements": own.statements.model_dump(),
    }
