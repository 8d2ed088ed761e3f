"""Test the section `theorem1` of a params file and the errors that it raises."""

import copy
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.run import check, read
from loft.theorem1.sources import given
from tests.conftest import ROOT, TINY
from tests.theorem1.conftest import SETTINGS

ALONE = {"run": "alone", "studies": ["theorem1"], "data": TINY["data"], "theorem1": SETTINGS}


Values = dict[str, Any]


def changed(dotted: str, value: object) -> Values:
    values = copy.deepcopy(ALONE)
    part: Any = values
    *sections, key = dotted.split(".")
    for section in sections:
        part = part[section]
    part[key] = value
    return values


def test_the_study_can_run_alone() -> None:
    run = check(ALONE, "alone")
    assert given(run.theorem1) == ["synthetic", "images"]
    assert check({**TINY, "theorem1": SETTINGS}, "asleep").theorem1 is not None


def test_a_job_is_told_only_what_it_needs() -> None:
    """Changing one kind of data or the fits must not rerun other trainings."""
    jobs = [check(ALONE, "alone").theorem1_job(source) for source in ("synthetic", "images")]
    assert [given(job.training) for job in jobs] == [["synthetic"], ["images"]]
    assert "fit" not in jobs[0].training.model_dump()


@pytest.mark.parametrize("name", ["digits", "theorem1"])
def test_the_projects_runs_are_valid(name: str) -> None:
    assert "theorem1" in read(ROOT / "params" / f"{name}.yaml").studies


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("theorem1.stepp", 1.0, "theorem1.stepp: unknown key, did you mean 'step'?"),
        ("theorem1.probability", 1.0, "theorem1.probability: found 1.0"),
        ("theorem1.synthetic.filter", 4, "filter: found 4; expected at most 3 pixels"),
        ("theorem1.images.window", 3, "window: found 3; expected a divisor of 8"),
        ("theorem1.sweeps.workers", [1, 2, 3, 4], "sweeps.workers: found 3 and 16"),
        ("theorem1.sweeps.widths", [4, 8, 16, 33], "sweeps.widths: found 2 and 33"),
        ("theorem1.sweeps.local_steps", [1, 5, 6], "sweeps.local_steps: found 5 and 24"),
        ("theorem1.repetitions.least", 1, "theorem1.repetitions.least: found 1"),
    ],
)
def test_impossible_values(key: str, value: object, expected: str) -> None:
    with pytest.raises(UserError) as error:
        check(changed(key, value), "alone")
    assert expected in str(error.value)


def test_some_data_are_needed() -> None:
    values = changed("theorem1.synthetic", None)
    values["theorem1"]["images"] = None
    with pytest.raises(UserError, match="found null for both"):
        check(values, "alone")


def test_image_files_are_refused() -> None:
    values = changed("data", read(ROOT / "params" / "imagenet.yaml").data.model_dump())
    values["data"]["loaders"] = 0
    with pytest.raises(UserError, match=r"theorem1.images: found image files"):
        check(values, "alone")
