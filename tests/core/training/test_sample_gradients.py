"""Gradients sample by sample are those of a loop, whatever memory they are given."""

import pytest
import torch
from torch import nn

from loft.core.training.sample_gradients import PerSample, sums
from tests.diversity.problems import entropy, small_images, small_network


def test_sums_by_hand() -> None:
    """Squares 1 + 4 + 2; the sum of the vectors is (0, -1)."""
    rows = torch.tensor([[-1.0, 0.0], [0.0, -2.0], [1.0, 1.0]])
    assert sums([rows]) == sums([rows[:1], rows[1:]]) == (3, 7.0, 1.0)


def test_per_sample_gradients_are_a_loops() -> None:
    model, (images, labels) = small_network(), small_images(7)
    found = torch.cat([*PerSample(model, entropy, memory=200_000).chunks(images, labels)])
    for number in range(7):
        loss = entropy(model(images[number][None]), labels[number][None])
        alone = torch.autograd.grad(loss, [*model.parameters()])
        assert found[number].numpy() == pytest.approx(torch.cat([g.flatten() for g in alone]))


def test_the_memory_decides_the_chunks_and_nothing_else() -> None:
    model, (images, labels) = small_network(), small_images(9)
    parts = {m: [*PerSample(model, entropy, m).chunks(images, labels)] for m in (1, 2**30)}
    assert [len(part) for part in parts[1]] == [1] * 9
    assert [len(part) for part in parts[2**30]] == [9]
    assert sums(parts[1]) == pytest.approx(sums(parts[2**30]))


def test_batch_norm_must_have_fixed_statistics() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2))
    with pytest.raises(ValueError, match="BatchNorm in training mode"):
        PerSample(model, entropy)
    PerSample(model.eval(), entropy)
