"""Test what the jobs of this study hold."""

import pytest

from loft.core.errors import UserError
from loft.run import check
from loft.theorem1.sources import given
from tests.theorem1.conftest import ALONE


def test_a_job_is_told_only_what_it_needs() -> None:
    """Changing one kind of data or the fits must not rerun other trainings."""
    jobs = [check(ALONE, "alone").theorem1_job(source) for source in ("synthetic", "images")]
    assert [given(job.training) for job in jobs] == [["synthetic"], ["images"]]
    assert "fit" not in jobs[0].training.model_dump()


def test_jobs_come_back_from_json_and_refuse_what_they_do_not_know() -> None:
    run = check(ALONE, "alone")
    for job in (run.theorem1_job("images"), run.theorem1_report):
        assert type(job).parse(job.dump()) == job
        with pytest.raises(UserError, match=r"--settings: more: unknown key"):
            type(job).parse('{"more": 1, ' + job.dump()[1:])
