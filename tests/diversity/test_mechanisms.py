"""Test the surrogates of each mechanism against closed forms and by hand."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor, nn

from loft.core.training.sample_gradients import PerSample
from loft.diversity.gradient_diversity import exact_diversity
from loft.diversity.mechanisms import (
    DropConnect,
    Mechanism,
    Plain,
    Qsgd,
    Sgld,
    draw_mask,
    induced_diversity,
    masked_weights,
)
from tests.diversity.problems import entropy, small_images, small_network
from tests.diversity.test_gradient_diversity import gradients

MECHANISMS = [DropConnect(0.4), DropConnect(0.5), Sgld(0.7), Qsgd(1), Qsgd(4)]
EVERY = pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda m: type(m).__name__)
ROWS = torch.tensor([[3.0, -1.0, 0.5], [1.0, 2.0, 0.0], [0.5, 0.25, -2.0]], dtype=torch.float64)


@EVERY
def test_moments_are_those_of_draws(mechanism: Mechanism) -> None:
    random = torch.Generator().manual_seed(0)
    draws = torch.stack([mechanism.draw(ROWS, random) for _ in range(20_000)])
    assert torch.allclose(draws.mean(0), mechanism.scale * ROWS, atol=0.05)
    squares = draws.square().sum(2).mean(0)
    assert torch.allclose(squares, mechanism.squares(ROWS), rtol=0.03)
    expected = induced_diversity(mechanism, ROWS)
    together = float(draws.sum(1).square().sum(1).mean())
    assert together == pytest.approx(expected.together, rel=0.03)
    assert expected.squares == pytest.approx(float(squares.sum()), rel=0.03)


@EVERY
def test_surrogates_are_independent_across_samples(mechanism: Mechanism) -> None:
    random = torch.Generator().manual_seed(0)
    same = ROWS[:1].repeat(30_000, 1)
    one, other = torch.split(mechanism.draw(same, random), 15_000)
    products = (one * other).mean(0)
    assert torch.allclose(products, (mechanism.scale * ROWS[0]) ** 2, atol=0.15)
    assert not torch.equal(one, other)


@given(gradients(), st.sampled_from(MECHANISMS))
def test_the_bound_rises_up_to_n_and_falls_beyond(rows: Tensor, mechanism: Mechanism) -> None:
    plain, raised = exact_diversity([rows]), induced_diversity(mechanism, rows)
    assume(plain.together > 1e-6)
    if plain.bound <= len(rows):
        assert raised.bound >= plain.bound * (1 - 1e-9)
    else:
        assert raised.bound <= plain.bound * (1 + 1e-9)


@given(gradients(), st.floats(0.05, 0.95))
def test_drop_connects_closed_form(rows: Tensor, drop: float) -> None:
    delta, keep = exact_diversity([rows]).diversity, 1 - drop
    expected = delta / (keep + drop * delta)
    assert induced_diversity(DropConnect(drop), rows).diversity == pytest.approx(expected)


def test_langevin_noise_by_hand() -> None:
    """Two equal gradients (1, 0), sigma 1: squares 2 + 2 * 2, square of the sum 4 + 2 * 2."""
    rows = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert induced_diversity(Sgld(1.0), rows).diversity == pytest.approx(6 / 8)


def test_quantisation_by_hand() -> None:
    """One level: (3, 4) becomes (5, 5), (5, 0), (0, 5) or 0; the mean square is 5 * (3 + 4)."""
    rows = torch.tensor([[3.0, -4.0]])
    assert float(Qsgd(1).squares(rows)) == pytest.approx(35)
    drawn = Qsgd(1).draw(rows.repeat(100, 1), torch.Generator().manual_seed(0))
    assert {tuple(row) for row in drawn.tolist()} == {(5, -5), (5, 0), (0, -5), (0, 0)}


def test_quantisation_keeps_zeros() -> None:
    zeros = torch.zeros(2, 3)
    assert torch.equal(Qsgd(1).draw(zeros, torch.Generator()), zeros)
    assert Qsgd(1).squares(zeros).tolist() == [0, 0]


def test_no_mechanism_changes_nothing() -> None:
    assert induced_diversity(Plain(), ROWS) == exact_diversity([ROWS])


def test_masks_on_weights_drop_their_gradients_too() -> None:
    """With the loss w.x the gradient is x where the weight is kept, and 0 elsewhere."""
    model = nn.Linear(2, 1, bias=False)
    samples = PerSample(model, lambda outputs, _: outputs.sum())
    inputs = torch.ones(400, 2)
    found = masked_weights(samples, inputs, inputs, 0.5, torch.Generator().manual_seed(0))
    assert {tuple(row) for row in found.tolist()} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_nothing_dropped_from_the_weights_leaves_the_gradients() -> None:
    model, (images, labels) = small_network(), small_images(4)
    samples = PerSample(model, entropy)
    plain = torch.cat([*samples.chunks(images, labels)])
    found = masked_weights(samples, images, labels, 0.0, torch.Generator())
    assert torch.allclose(found, plain)


def test_masks_keep_their_share_of_entries_one_by_one() -> None:
    random = torch.Generator().manual_seed(0)
    for share in (0.0001, 0.25, 0.6, 1.0):
        mask = draw_mask(torch.Size([100, 1001]), share, random).double()
        assert float(mask.mean()) == pytest.approx(share, abs=0.005)
        assert float((mask[:, 1:] * mask[:, :-1]).mean()) == pytest.approx(share**2, abs=0.008)
