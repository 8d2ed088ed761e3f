"""Test a run of this study alone, and what it refuses."""

import pytest

from loft.core.errors import UserError
from loft.run import check, read
from loft.theorem1.sources import given
from tests.conftest import ROOT, TINY
from tests.theorem1.conftest import ALONE, SETTINGS, changed


def test_the_study_can_run_alone() -> None:
    run = check(ALONE, "alone")
    assert given(run.theorem1) == ["synthetic", "images"]
    assert check({**TINY, "theorem1": SETTINGS}, "asleep").theorem1 is not None


def test_image_files_are_refused() -> None:
    values = changed("data", read(ROOT / "params" / "imagenet.yaml").data.model_dump())
    values["data"]["loaders"] = 0
    with pytest.raises(UserError, match=r"theorem1.images: found image files"):
        check(values, "alone")


def test_the_report_is_told_how_to_fit_alone() -> None:
    job = check(ALONE, "alone").theorem1_report
    assert job.model_dump() == {"fit": SETTINGS["fit"]}


def test_images_that_are_not_asked_for_may_be_files() -> None:
    values = changed("theorem1.images", None)
    values["data"] = read(ROOT / "params" / "imagenet.yaml").data.model_dump()
    assert check(values, "alone").theorem1.images is None
