"""Seconds follow from operations and speed."""

import pytest

from loft.core.data.dimensions import Dimensions, dimensions
from loft.tickets.planning import costs, durations
from loft.tickets.planning.speed import stated
from loft.tickets.run.run import Run


@pytest.fixture(scope="module")
def data(run: Run) -> Dimensions:
    return dimensions(run.data)


def test_steps_and_evaluations(run: Run, data: Dimensions) -> None:
    """160 images in batches of 32; all of 2 epochs are snapshots; measured steps evaluate none."""
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    assert durations.iterations(32, data) == 5
    assert (durations.pretraining_steps(job, data), durations.evaluations(job)) == (10, 2)
    measured = run.pretrain_job("preresnet18", "gpipe-4", 0)
    assert (durations.pretraining_steps(measured, data), durations.evaluations(measured)) == (2, 0)


def test_twice_the_speed_is_half_the_time(run: Run, data: Dimensions) -> None:
    job = run.pretrain_job("preresnet18", "loft-2", 0)
    slow, fast = (durations.pretraining(job, data, stated(run, speed)) for speed in (1, 2))
    assert slow == 2 * fast > 0


def test_a_step_is_the_slowest_workers(run: Run, data: Dimensions) -> None:
    job = run.pretrain_job("preresnet18", "loft-4", 0)
    most = max(each.training_flops for each in costs.trained(job, data))
    assert durations.pretraining_step(job, data, stated(run, 1)) == 32 * most / 1e12


def test_tickets_are_tuned_one_after_the_other(run: Run, data: Dimensions) -> None:
    job, model, speed = run.finetune_job("loft-2", 0), run.models[0], stated(run, 1)
    each = [durations.ticket(job, model, name, data, speed) for name in job.tickets]
    assert len(each) > 1
    assert durations.finetuning(job, model, data, speed) == sum(each)
