"""Test our predictions against wide networks."""

import numpy as np
import pytest

from loft.core.seeding import stream
from loft.theorem1 import synthetic
from loft.theorem1.bound import bound, unit_step
from loft.theorem1.kernel import infinite_width_kernel, moments
from loft.theorem1.masks import Masks
from loft.theorem1.network import Problem, Start
from loft.theorem1.prediction import finite_width, floors, neighbourhood
from loft.theorem1.settings import SyntheticSettings
from loft.theorem1.side_by_side import Plan, Trajectories, train

KINDS = [Masks("partition", 2, 0.5), Masks("bernoulli", 2, 0.5), Masks("bernoulli", 4, 0.7)]


CASES = pytest.mark.parametrize("masks", KINDS, ids=lambda masks: f"{masks.kind}-{masks.workers}")


def trained(
    problem: Problem, width: int, kappa: float, plan: Plan, count: int
) -> tuple[Start, Trajectories]:
    start = Start.draw(problem, width, kappa, [(index,) for index in range(count)])
    return start, train(problem, start, plan, stream("test", 0), [0, plan.iterations])


@CASES
def test_distances_of_wide_networks(masks: Masks) -> None:
    problem = synthetic.prepare(
        SyntheticSettings(samples=3, channels=3, pixels=2, filter=1), 1, None
    )
    kernel = infinite_width_kernel(problem)
    plan = Plan(masks, step=8 * unit_step(problem, kernel), iterations=40)
    start, found = trained(problem, 1000, 1.0, plan, count=12)
    dealt = masks.kind == "partition"
    pulls = [
        finite_width(*ends, plan)
        for ends in zip(
            moments(problem, start.weights, start.second, dealt),
            moments(problem, found.ends, start.second, dealt),
            strict=True,
        )
    ]
    predicted = floors(problem, kernel, 1.0, plan)
    for term, measured in enumerate([found.weights, found.outputs]):
        finite = np.mean([sum(one[term].values()) for one in pulls])
        total = sum(predicted[term].values()) + finite
        error = measured[:, -1].std() / np.sqrt(12)
        assert measured[:, -1].mean() == pytest.approx(total, rel=0.15, abs=3 * error)


@CASES
def test_the_neighbourhood_of_wide_networks(masks: Masks) -> None:
    problem = synthetic.prepare(
        SyntheticSettings(samples=3, channels=3, pixels=2, filter=1), 1, None
    )
    plan = Plan(masks, step=32 * unit_step(problem, infinite_width_kernel(problem)), iterations=100)
    start, found = trained(problem, 256, 1.0, plan, count=16)
    assert np.all(found.descent_loss[:, -1] < 1e-3 * found.tail)
    left = moments(problem, found.ends, start.second, masks.kind == "partition")
    predicted = np.mean([neighbourhood(one, plan) for one in left])
    assert found.tail.mean() == pytest.approx(predicted, rel=0.6)


def test_nothing_is_left_where_loft_is_gradient_descent(problem: Problem) -> None:
    plan = Plan(Masks("bernoulli", 3, 1.0), step=0.1, iterations=30)
    weights, outputs = floors(problem, infinite_width_kernel(problem), 1.0, plan)
    assert [*weights.values(), *outputs.values()] == pytest.approx([0] * 4, abs=1e-15)


def test_a_partitions_floor_is_the_bounds_second_term_but_for_a_constant(problem: Problem) -> None:
    """Both are proportional to eta^2 T (1 - 1/S) / S."""
    kernel = infinite_width_kernel(problem)
    ratios = []
    for step, iterations, workers in [(0.1, 50, 2), (0.05, 50, 2), (0.1, 90, 2), (0.1, 50, 8)]:
        plan = Plan(Masks("partition", workers, 1 / workers), step, iterations)
        weights, _ = floors(problem, kernel, 0.4, plan)
        ratios.append(sum(weights.values()) / bound(problem, kernel, 64, 0.4, plan, 0.1).second)
    assert ratios == pytest.approx([ratios[0]] * 4)
