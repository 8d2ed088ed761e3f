"""Test the trainings of one model: subsets, initial weights, tuned steps."""

import math
from pathlib import Path

import pytest
import torch

from loft.diversity.experiment import Experiment
from loft.diversity.image_samples import read_samples
from loft.diversity.mechanisms import DropConnect, Plain, Qsgd, Sgld
from loft.diversity.models import LogisticSettings
from loft.diversity.settings import BatchSettings, MechanismSettings, TrainingSettings

MODEL = LogisticSettings(name="logistic", pair=[3, 8])


@pytest.fixture(scope="module")
def experiment(images_file: Path) -> Experiment:
    settings = TrainingSettings(
        model=MODEL, threads=1, samples=24, passes=2, looks=3, repetitions=2
    )
    mechanisms = MechanismSettings(dropconnect=0.25, sgld=1.0, qsgd=2)
    samples = read_samples(images_file, MODEL, 24)
    return Experiment(samples, settings, mechanisms, seed=0, memory=64)


def test_subsets_of_larger_replication_are_nested(experiment: Experiment) -> None:
    whole, _ = experiment.subset(1, repetition=1)
    half, targets = experiment.subset(2, repetition=1)
    assert torch.equal(half, whole[:12])
    assert len(targets) == 12
    other, _ = experiment.subset(2, repetition=2)
    assert not torch.equal(half, other)


def test_mechanisms_have_the_strength_of_the_settings(experiment: Experiment) -> None:
    dropping, rounding = experiment.mechanism("dropconnect", 1), experiment.mechanism("qsgd", 1)
    assert isinstance(experiment.mechanism("none", 1), Plain)
    assert isinstance(dropping, DropConnect)
    assert dropping.scale == 0.75
    assert isinstance(rounding, Qsgd)
    assert rounding.levels == 2


def test_the_noise_of_sgld_is_as_long_as_the_first_gradients(experiment: Experiment) -> None:
    """d sigma^2 is the mean squared length of the gradients at the initial weights."""
    mechanism, learner = experiment.mechanism("sgld", 1), experiment.learner(1)
    assert isinstance(mechanism, Sgld)
    (rows,) = learner.samples.chunks(*experiment.subset(1, 1))
    expected = float(rows.square().sum(1).mean())
    assert learner.size * mechanism.sigma**2 == pytest.approx(expected, rel=1e-5)


def test_the_same_training_gives_the_same_losses(experiment: Experiment) -> None:
    runs = [experiment.run("none", 1, 4, 0.5, repetition)[0] for repetition in (1, 1, 2)]
    assert len(runs[0]) == 3
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_training_ends_when_it_is_told_to(experiment: Experiment) -> None:
    looks, _ = experiment.run("none", 1, 4, 0.5, 1, stop=lambda _: True)
    assert len(looks) == 1


def test_the_best_step_is_found_and_an_end_is_marked(experiment: Experiment) -> None:
    steps = [1e-9, 0.5, 1e6]
    tuned = experiment.tune("none", 1, BatchSettings(size=4, steps=steps))
    assert (tuned["step"], tuned["edge"]) == (0.5, False)
    assert tuned["losses"][0] == pytest.approx(math.log(2), rel=1e-3)  # all weights stay near 0
    tuned = experiment.tune("none", 1, BatchSettings(size=4, steps=steps[:2]))
    assert (tuned["step"], tuned["edge"]) == (0.5, True)
