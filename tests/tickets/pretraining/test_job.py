"""A job's settings are written and read with the method's own options."""

import pytest

from loft.core.errors import UserError
from loft.tickets.methods.loft import Loft
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.run.run import Run


def test_a_job_is_read_back_with_its_methods_options(run: Run) -> None:
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    again = PretrainJob.parse(job.dump())
    assert again == job
    assert isinstance(again.options, Loft)


def test_options_of_another_method_are_refused(run: Run) -> None:
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    other = job.dump().replace('"method":"loft"', '"method":"local_sgd"')
    other = other.replace('"method": "loft"', '"method": "local_sgd"')
    assert other != job.dump()
    with pytest.raises(UserError, match="aggregation"):
        PretrainJob.parse(other)
