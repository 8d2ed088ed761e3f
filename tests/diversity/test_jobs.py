"""Test what the jobs of this study hold."""

from loft.diversity.jobs import ReplicationJob
from loft.run import check
from tests.diversity.runs import TINY


def test_a_job_is_told_its_own_model_alone() -> None:
    run = check(TINY, "tiny")
    job = run.replication_job("convnet")
    assert job.replication.model.name == "convnet"
    assert ReplicationJob.parse(job.dump()) == job
    assert "logistic" not in job.dump()
