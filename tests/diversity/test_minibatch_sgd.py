"""Test steps, evaluations and trainings of mini-batch SGD."""

import math

import pytest
import torch
from torch import Tensor

from loft.core.training.sample_gradients import PerSample
from loft.diversity.mechanisms import DropConnect, Mechanism, Plain, Qsgd, Sgld
from loft.diversity.minibatch_sgd import Learner, Plan, train
from tests.diversity.problems import entropy, small_images, small_network


def learner() -> Learner:
    return Learner(PerSample(small_network(), entropy))


def weights(given: Learner) -> Tensor:
    return torch.cat([w.flatten() for w in given.samples.weights.values()]).clone()


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_step_goes_down_the_sum_of_gradients() -> None:
    given, (images, labels) = learner(), small_images(6)
    before = weights(given)
    total = sum(chunk.sum(0) for chunk in given.samples.chunks(images, labels))
    given.step(images, labels, 0.1, Plain(), random())
    assert torch.allclose(weights(given), before - 0.1 * total)


@pytest.mark.parametrize("mechanism", [DropConnect(0.5), Sgld(0.3), Qsgd(1)])
def test_sums_of_surrogates_have_their_expectation_and_spread(mechanism: Mechanism) -> None:
    """Noise that is added once has the variance of noise that is added to each sample."""
    given, (images, labels) = learner(), small_images(3)
    (rows,) = given.samples.chunks(images, labels)
    draws, source = 600, random()
    totals = torch.stack([given.total(images, labels, mechanism, source) for _ in range(draws)])
    expected = mechanism.scale * rows.sum(0)
    variance = float(mechanism.squares(rows).sum() - mechanism.scale**2 * rows.square().sum())
    assert float((totals.mean(0) - expected).square().sum()) < 3 * variance / draws
    spread = float((totals - expected).square().sum(1).mean())
    assert spread == pytest.approx(variance, rel=0.1)


def test_plans_count_passes_of_n_samples() -> None:
    assert Plan(0.1, 16, 64, 2, 4).iterations == [2, 4, 6, 8]
    assert Plan(0.1, 512, 64, 2, 4).iterations == [1, 1, 1, 1]


def test_training_lowers_the_loss_and_repeats() -> None:
    images, labels = small_images(24)
    plan = Plan(0.02, 4, 24, 6, 3)
    runs = []
    for _ in range(2):
        given = learner()
        first = given.look(images, labels).loss
        runs.append([*train(given, images, labels, plan, DropConnect(0.4), random(5))])
    assert runs[0] == runs[1]
    assert first is not None
    last = runs[0][-1].loss
    assert last is not None
    assert last < first


def test_a_look_is_the_mean_loss_and_accuracy() -> None:
    given, (images, labels) = learner(), small_images(10)
    outputs = given.samples.model(images).detach()
    found = given.look(images, labels)
    assert found.loss == pytest.approx(float(entropy(outputs, labels)) / 10)
    assert found.accuracy == 10 * int((outputs.argmax(1) == labels).sum())


def test_divergence_ends_training() -> None:
    images, labels = small_images(8)
    looks = [*train(learner(), images, labels, Plan(1e200, 4, 8, 4, 8), Plain(), random())]
    assert looks[-1].loss is None
    assert len(looks) < 8
    assert all(look.loss is None or math.isfinite(look.loss) for look in looks)
