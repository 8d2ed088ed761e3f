"""Test gradient diversity by hand, and its estimates from some of the samples."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from loft.core.training.sample_gradients import PerSample
from loft.diversity.gradient_diversity import (
    differential_diversity,
    estimate_diversity,
    estimate_from_sums,
    exact_diversity,
)
from tests.diversity.problems import entropy, linear, small_images, small_network

NUMBERS = st.floats(-10, 10).map(lambda x: round(x, 3))


@st.composite
def gradients(draw: st.DrawFn) -> Tensor:
    """Draw gradients (n, d) that do not cancel."""
    n, d = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    rows = st.lists(st.lists(NUMBERS, min_size=d, max_size=d), min_size=n, max_size=n)
    drawn = draw(rows.filter(lambda rows: sum(map(sum, rows)) > 0.1))
    return torch.tensor(drawn, dtype=torch.float64)


def test_orthogonal_gradients_have_diversity_1() -> None:
    found = exact_diversity([3 * torch.eye(4)])
    assert found.diversity == 1
    assert found.bound == 4


def test_identical_gradients_have_diversity_1_over_n() -> None:
    found = exact_diversity([torch.tensor([[1.0, 2.0]]).repeat(5, 1)])
    assert found.diversity == pytest.approx(1 / 5)
    assert found.bound == pytest.approx(1)


def test_gradients_that_cancel_or_vanish() -> None:
    assert exact_diversity([torch.tensor([[1.0], [-1.0]])]).diversity == math.inf
    assert math.isnan(exact_diversity([torch.zeros(3, 2)]).diversity)


def test_a_linear_model_by_hand() -> None:
    """w = (1, 0): residuals 1 - 2 = -1, 0 - 1 = -1 and 1 - 0 = 1."""
    x = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]], dtype=torch.float64)
    y = torch.tensor([2.0, 1.0, 0.0], dtype=torch.float64)
    model = linear([1.0, 0.0])
    (rows,) = model.chunks(x, y)
    assert rows.tolist() == [[-1, 0], [0, -2], [1, 1]]
    found = exact_diversity([rows])  # squares 1 + 4 + 2; the sum is (0, -1)
    assert (found.squares, found.together, found.diversity, found.bound) == (7, 1, 7, 21)
    other = model.chunks(x, y, {"weight": torch.zeros(1, 2, dtype=torch.float64)})
    assert differential_diversity([rows], other).diversity == 3 / 5  # (1, 0), (0, 0), (1, 1)


@given(gradients(), st.floats(0.1, 10), st.randoms())
def test_scaling_and_order_change_nothing(rows: Tensor, factor: float, random: object) -> None:
    found = exact_diversity([rows])
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert exact_diversity([-factor * rows[order]]).diversity == pytest.approx(
        found.diversity, rel=1e-6
    )


@given(gradients(), st.integers(2, 4))
def test_replication_divides_diversity(rows: Tensor, times: int) -> None:
    found = exact_diversity([rows])
    replicated = exact_diversity([rows.repeat(times, 1)])
    assert replicated.diversity == pytest.approx(found.diversity / times)
    assert replicated.bound == pytest.approx(found.bound)


@given(gradients())
def test_diversity_is_at_least_1_over_n(rows: Tensor) -> None:
    assert exact_diversity(torch.split(rows, 1)).bound >= 1 - 1e-9


def test_the_whole_sample_gives_the_exact_value_without_error() -> None:
    model, (images, labels) = small_network(), small_images(6)
    samples = PerSample(model, entropy)
    found = estimate_diversity(samples, images, labels, 6, torch.Generator())
    assert found.found.diversity == pytest.approx(
        exact_diversity(samples.chunks(images, labels)).diversity
    )
    assert found.error == 0
    with pytest.raises(ValueError, match="count: found 7; expected 2 to 6"):
        estimate_diversity(samples, images, labels, 7, torch.Generator())


def _estimated(rows: Tensor, n: int) -> tuple[float, float]:
    found = estimate_from_sums(rows.square().sum(1), rows @ rows.sum(0), n).found
    return found.squares, found.together


@settings(max_examples=20)
@given(gradients().filter(lambda rows: len(rows) >= 3))
def test_numerator_and_denominator_are_unbiased(rows: Tensor) -> None:
    """The mean over all choices of 3 samples is the exact value."""
    whole = exact_diversity([rows])
    parts = [
        _estimated(rows[list(three)], len(rows))
        for three in itertools.combinations(range(len(rows)), 3)
    ]
    squares, together = torch.tensor(parts).double().mean(0).tolist()
    scale = whole.squares * len(rows)
    assert squares == pytest.approx(whole.squares, abs=1e-5 * scale)
    assert together == pytest.approx(whole.together, abs=1e-5 * scale)


@pytest.mark.parametrize("drift", [0.0, 0.2, 2.0])
def test_the_estimate_is_within_its_error(drift: float) -> None:
    """About 95 % of 400 estimates are within two errors, for similar and for random gradients."""
    random = torch.Generator().manual_seed(3)
    rows = torch.randn((600, 20), generator=random, dtype=torch.float64) + drift
    truth, within, errors = exact_diversity([rows]).diversity, 0, []
    for _ in range(400):
        part = rows[torch.randperm(600, generator=random)[:150]]
        found = estimate_from_sums(part.square().sum(1), part @ part.sum(0), 600)
        within += abs(found.found.diversity - truth) <= 2 * found.error
        errors.append((found.found.diversity - truth, found.error))
    assert within >= 0.88 * 400
    if drift:  # the error is not merely large
        spread, stated = torch.tensor(errors).T
        assert float(stated.median()) < 1.5 * float(spread.std())
