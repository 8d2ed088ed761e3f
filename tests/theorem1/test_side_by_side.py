"""Test that LoFT with whole networks is gradient descent, and its mean step with masks."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loft.theorem1.masks import Masks
from loft.theorem1.network import Array, Problem, Start, forward, jacobian
from loft.theorem1.side_by_side import Plan, descend, loft_round, loft_step, train


def apart(problem: Problem, masks: Masks, local_steps: int = 1) -> tuple[Array, Array]:
    start = Start.draw(problem, width=8, kappa=1.0, seeds=[(0,), (1,)])
    plan = Plan(masks, step=0.1, iterations=60, local_steps=local_steps)
    found = train(problem, start, plan, np.random.default_rng(0), [0, 60])
    assert np.all(found.movement[:, -1] > 0.1)  # there was something to agree on
    return found.weights[:, -1], found.outputs[:, -1]


@given(workers=st.integers(1, 6))
@settings(max_examples=6, deadline=None)
def test_with_every_filter_everywhere_it_is_gradient_descent(
    problem: Problem, workers: int
) -> None:
    weights, outputs = apart(problem, Masks("bernoulli", workers, 1.0))
    assert np.sqrt(weights).max() < 1e-12
    assert np.sqrt(outputs).max() < 1e-12


def test_one_worker_of_a_partition_is_gradient_descent(problem: Problem) -> None:
    weights, outputs = apart(problem, Masks("partition", 1, 1.0))
    assert np.sqrt(weights).max() < 1e-12
    assert np.sqrt(outputs).max() < 1e-12


@pytest.mark.parametrize("local_steps", [2, 5])
def test_whole_subnetworks_may_take_any_number_of_local_steps(
    problem: Problem, local_steps: int
) -> None:
    weights, _ = apart(problem, Masks("bernoulli", 2, 1.0), local_steps)
    assert np.sqrt(weights).max() < 1e-12


@pytest.mark.parametrize("masks", [Masks("partition", 2, 0.5), Masks("bernoulli", 2, 0.5)])
def test_with_smaller_networks_it_is_not_gradient_descent(problem: Problem, masks: Masks) -> None:
    weights, outputs = apart(problem, masks)
    assert weights.min() > 1e-6
    assert outputs.min() > 1e-6


@pytest.mark.parametrize("masks", [Masks("partition", 2, 0.5), Masks("bernoulli", 3, 0.4)])
def test_a_round_of_one_local_step_is_a_step(
    problem: Problem, start: Start, masks: Masks, random: np.random.Generator
) -> None:
    plan = Plan(masks, step=0.1, iterations=1)
    drawn = masks.draw(random, repetitions=2, width=8)
    step = loft_step(problem, start, start.weights, drawn, plan)
    whole = loft_round(problem, start, start.weights, drawn, plan)
    for one, other in zip(step, whole, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-15)


def test_a_filter_that_no_worker_has_stays(problem: Problem, start: Start) -> None:
    masks = np.ones((2, 2, 8))
    masks[:, :, 3] = 0
    plan = Plan(Masks("bernoulli", 2, 0.5), step=0.1, iterations=1)
    for take in (loft_step, loft_round):
        weights, _ = take(problem, start, start.weights, masks, plan)
        moved = np.abs(weights - start.weights).max(1)
        assert np.all(moved[:, 3] == 0)
        assert np.all(moved[:, :3].max(1) > 0)


def pull(problem: Problem, start: Start, parts: Array) -> Array:
    """Return J_r^T b_r for every filter, (repetitions, d, m)."""
    _, gates = forward(problem.patches, start.weights, start.second)
    return np.asarray(np.einsum("rndm,rnm->rdm", jacobian(problem.patches, gates), parts))


def test_the_mean_step_is_descents_and_a_pull(problem: Problem) -> None:
    """Average over all independent masks of three filters and two workers (`side_by_side`)."""
    start = Start.draw(problem, width=3, kappa=1.0, seeds=[(0,)])
    xi = 0.3
    plan = Plan(Masks("bernoulli", 2, xi), step=0.1, iterations=1)
    mean = np.zeros_like(start.weights)
    for bits in itertools.product([0.0, 1.0], repeat=6):
        drawn = np.array(bits).reshape(1, 2, 3)
        chance = xi ** sum(bits) * (1 - xi) ** (6 - sum(bits))
        mean += chance * loft_step(problem, start, start.weights, drawn, plan)[0]
    parts, _ = forward(problem.patches, start.weights, start.second)
    expected, _ = descend(problem, start, start.weights, plan)
    expected = expected - 0.1 * plan.masks.theta * (1 - xi) * pull(problem, start, parts)
    np.testing.assert_allclose(mean, expected, atol=1e-14)


def test_the_mean_step_of_a_dealt_partition(problem: Problem) -> None:
    """Average over all ways to deal four filters to two workers."""
    start = Start.draw(problem, width=4, kappa=1.0, seeds=[(0,)])
    plan = Plan(Masks("partition", 2, 0.5), step=0.1, iterations=1)
    deals = list(itertools.combinations(range(4), 2))
    mean = np.zeros_like(start.weights)
    for first in deals:
        drawn = np.zeros((1, 2, 4))
        drawn[0, 0, list(first)] = 1
        drawn[0, 1] = 1 - drawn[0, 0]
        mean += loft_step(problem, start, start.weights, drawn, plan)[0] / len(deals)
    parts, _ = forward(problem.patches, start.weights, start.second)
    others = (parts.sum(-1, keepdims=True) - parts) / 3
    expected, _ = descend(problem, start, start.weights, plan)
    expected = expected - 0.1 * 0.5 * pull(problem, start, parts - others)
    np.testing.assert_allclose(mean, expected, atol=1e-14)


def test_outputs_are_summed_over_earlier_iterations(problem: Problem, start: Start) -> None:
    plan = Plan(Masks("partition", 2, 0.5), step=0.1, iterations=2)
    found = train(problem, start, plan, np.random.default_rng(0), [0, 1, 2])
    assert np.all(found.weights[:, 0] == 0)
    assert np.all(found.outputs[:, :2] == 0)  # both begin alike, so the first difference is at 1
    assert np.all(found.outputs[:, 2] > 0)
