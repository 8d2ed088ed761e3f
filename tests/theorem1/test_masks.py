"""Test that masks have the probabilities of section 5 and appendix C."""

import itertools

import numpy as np
import pytest

from loft.theorem1.masks import Masks, update_weights


@pytest.mark.parametrize(("workers", "xi"), [(1, 0.3), (2, 0.5), (3, 0.7), (4, 1.0)])
def test_independent_masks_by_enumeration(workers: int, xi: float) -> None:
    """theta, E[1{K >= 1} / K] and each worker's expected share, over all masks of a filter."""
    trained, inverse, share = 0.0, 0.0, 0.0
    for mask in itertools.product([0, 1], repeat=workers):
        held = sum(mask)
        chance = xi**held * (1 - xi) ** (workers - held)
        trained += chance * (held > 0)
        inverse += chance / held if held else 0
        share += chance * (mask[0] / held if held else 0)
    masks = Masks("bernoulli", workers, xi)
    assert masks.theta == pytest.approx(trained)
    assert masks.inverse_count == pytest.approx(inverse)
    assert masks.common == pytest.approx(workers * share**2)


def test_drawn_independent_masks(random: np.random.Generator) -> None:
    masks = Masks("bernoulli", 3, 0.4)
    drawn = masks.draw(random, repetitions=20, width=5000)  # 100,000 filters
    assert set(np.unique(drawn)) == {0.0, 1.0}
    np.testing.assert_allclose(drawn.mean((0, 2)), 0.4, atol=0.01)
    assert (drawn.sum(1) > 0).mean() == pytest.approx(1 - 0.6**3, abs=0.01)
    together = (drawn[:, 0] * drawn[:, 1]).mean()
    assert together == pytest.approx(0.4**2, abs=0.01)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_partition_gives_every_filter_to_one_worker(
    workers: int, random: np.random.Generator
) -> None:
    drawn = Masks("partition", workers, 1 / workers).draw(random, repetitions=500, width=8)
    assert np.all(drawn.sum(1) == 1)
    assert np.all(drawn.sum(2) == 8 / workers)
    np.testing.assert_allclose(drawn.mean(0), 1 / workers, atol=0.08)  # of every filter and worker


def test_shares_sum_to_whether_a_filter_is_trained(random: np.random.Generator) -> None:
    drawn = Masks("bernoulli", 3, 0.3).draw(random, repetitions=4, width=50)
    np.testing.assert_allclose(update_weights(drawn).sum(1), drawn.max(1))
