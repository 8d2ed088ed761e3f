"""Test a training of the step `loft diversity-dropconnect` with one worker."""

from pathlib import Path

import pytest

from loft.core.processes.workers import ProcessWorker
from loft.diversity.experiment import Experiment
from loft.diversity.image_samples import read_samples
from loft.diversity.jobs import DropConnectJob
from loft.diversity.steps import dropconnect
from loft.run import check
from tests.diversity.runs import TINY

JOB: DropConnectJob = check(TINY, "tiny").dropconnect_job()


@pytest.fixture(scope="module")
def experiment(images_file: Path) -> Experiment:
    own = JOB.dropconnect
    samples = read_samples(images_file, own.model, own.samples)
    return Experiment(samples, own, JOB.mechanisms, JOB.seed, JOB.memory)


@pytest.mark.parametrize(("accuracy", "looks"), [(1.0, 1), (100.0, 2)])
def test_a_training_ends_at_the_accuracy_or_the_last_pass(
    experiment: Experiment, accuracy: float, looks: int
) -> None:
    own = JOB.dropconnect.model_copy(update={"accuracy": accuracy})
    job = JOB.model_copy(update={"dropconnect": own})
    ending = dropconnect._train(job, experiment, ProcessWorker(gpu=False), 0.4, 4, 1e-6, 1)
    assert ending.looks == looks
    assert ending.seconds > 0


def test_the_step_that_needs_fewest_looks_is_tuned(experiment: Experiment) -> None:
    batch = JOB.dropconnect.batches[0].model_copy(update={"steps": [1e-9, 1.0]})
    step, edge = dropconnect._tune(JOB, experiment, ProcessWorker(gpu=False), 0.0, batch)
    assert step in batch.steps
    assert edge  # the best of two steps is always at an end
