import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loft.diversity.glm import Glm, Link, conflict_bound, diversity_bound, draw_problem, glm_bound
from loft.diversity.rounding import short
from loft.diversity.stability import measure_stability
from loft.diversity.theorems import THEOREMS, Theorem, descend, draw_case, run_case
from tests.diversity.test_gradient_diversity import gradients

LINKS: list[Link] = ["squares", "logistic", "robust"]


def problem(link: Link, seed: int = 0) -> Glm:
    return draw_problem(link, 60, 5, 5, 0.3, np.random.default_rng(seed))


@pytest.mark.parametrize("link", LINKS)
def test_gradients_are_the_losses_slopes(link: Link) -> None:
    given, w = problem(link), np.random.default_rng(1).standard_normal((2, 5))
    found, small = given.gradient(w), 1e-6
    for entry in range(5):
        step = small * np.eye(5)[entry]
        numeric = (given.loss(w + step) - given.loss(w - step)) / (2 * small)
        assert numeric == pytest.approx(found[:, entry], abs=1e-8)


@pytest.mark.parametrize("link", LINKS)
def test_constants_hold_everywhere(link: Link) -> None:
    """M^2 within the ball, beta between any two weights, and B never below its bound."""
    given, random = problem(link), np.random.default_rng(2)
    w = 4 * random.standard_normal((500, 5))
    radius = float(np.linalg.norm(w, axis=1).max())
    moments = (given.all_slopes(w) ** 2).mean(1)  # rows have length 1
    assert moments.max() <= given.second_moment(np.zeros(5), radius)
    changes = np.linalg.norm(np.diff(given.gradient(w), axis=0), axis=1)
    assert (changes <= given.smoothness * np.linalg.norm(np.diff(w, axis=0), axis=1)).all()
    assert diversity_bound(given.all_slopes(w), given.rows).min() >= given.bound * (1 - 1e-9)
    differences = np.diff(given.all_slopes(w), axis=0)
    assert diversity_bound(differences, given.rows).min() >= given.bound * (1 - 1e-9)


def test_the_steepest_slopes_are_attained() -> None:
    """27^(1/2) / 8 at t = 3^(-1/2), and 1 for logistic regression far on the wrong side."""
    one = Glm("robust", np.ones((1, 1)), np.zeros(1))
    assert float(one.all_slopes(np.array([[3**-0.5]]))[0, 0]) == pytest.approx(27**0.5 / 8)
    wrong = Glm("logistic", np.ones((1, 1)), np.ones(1))
    assert float(wrong.all_slopes(np.array([[-50.0]]))[0, 0]) == pytest.approx(-1)


@pytest.mark.parametrize("link", ["squares", "logistic"])
def test_an_optimum_has_no_gradient(link: Link) -> None:
    given = problem(link)
    assert np.abs(given.gradient(given.optimum()[None])).max() < 1e-9
    with pytest.raises(ValueError, match="no minimiser is known"):
        problem("robust").optimum()


def test_a_bound_that_is_attained() -> None:
    """Orthogonal rows, n = d: B is n whatever the slopes."""
    assert glm_bound(np.eye(4)) == pytest.approx(4)
    assert diversity_bound(np.array([[1.0, -2.0, 3.0, 0.5]]), np.eye(4)) == pytest.approx(4)


def test_sparse_conflicts_by_hand() -> None:
    """Samples 0 and 1 share an entry, 2 conflicts with none: n = 3, rho = 1."""
    touched = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    assert conflict_bound(touched) == 3 / 2
    assert conflict_bound(np.eye(3, dtype=bool)) == 3


@given(gradients(), st.data())
def test_sparse_conflicts_bound_diversity(rows, data) -> None:  # type: ignore[no-untyped-def]
    shape = rows.shape
    flat = data.draw(st.lists(st.booleans(), min_size=rows.numel(), max_size=rows.numel()))
    touched = np.array(flat).reshape(shape)
    sparse = rows.numpy() * touched
    bound = float(diversity_bound(np.ones((1, len(rows))), sparse)[0])
    assert math.isnan(bound) or bound >= conflict_bound(touched) * (1 - 1e-6)


@pytest.mark.parametrize("theorem", get_args(Theorem))
def test_theorems_hold_under_their_conditions(theorem: Theorem) -> None:
    asked = draw_case(theorem, 128, 8, 0.3, np.random.default_rng(5))
    for delta in (0.0, 1.0):
        batch = asked.batch(delta)
        assert batch <= asked.most
        assert batch <= delta * asked.problem.bound + 1
        found = run_case(asked, batch, 8, np.random.default_rng(6))
        assert found.updates >= asked.updates
        assert found.updates % batch == 0
        assert found.farthest <= asked.radius or theorem == "pl"
        assert 0 <= found.attained.mean() <= asked.promised(delta)


def test_serial_sgd_has_the_batch_of_one() -> None:
    for theorem in THEOREMS:
        asked = draw_case(theorem, 64, 6, 0.3, np.random.default_rng(5))
        assert asked.batch(0) == 1
        assert asked.promised(0) == asked.epsilon


def test_a_step_is_the_batchs_sum() -> None:
    """One sample only: each iteration takes B times its gradient."""
    alone = Glm("squares", np.array([[1.0]]), np.array([1.0]))
    path = [*descend(alone, 0.1, 3, 6, 1, np.random.default_rng(0))]
    assert np.ravel(path) == pytest.approx([0, 0.3, 0.3 + 0.3 * 0.7])
    ball = [*descend(alone, 0.1, 3, 6, 1, np.random.default_rng(0), radius=0.4)]
    assert np.ravel(ball) == pytest.approx([0, 0.3, 0.4])


def test_stability_of_samples_that_agree_is_perfect() -> None:
    """All points the same: replacing one changes nothing."""
    same = Glm("logistic", np.ones((30, 2)) / 2**0.5, np.ones(30))
    found = measure_stability(same, 10, 0.5, 2, 40, 5, seed=0)
    assert found.distances.tolist() == [0] * 5
    assert found.bound == math.inf
    assert found.gaps == pytest.approx(np.zeros(5))


def test_stability_is_lost_far_beyond_the_bound() -> None:
    whole = draw_problem("squares", 600, 8, 8, 0.3, np.random.default_rng(3))
    serial, near, far = (
        measure_stability(whole, 100, 0.5, b, 2000, 10, seed=1) for b in (1, 4, 200)
    )
    assert near.bound >= 4
    assert near.distances.mean() < 1.5 * serial.distances.mean()
    assert far.bound < 200
    assert far.distances.mean() > 100 * serial.distances.mean()


def test_numbers_are_kept_short() -> None:
    assert short({"a": [1 / 3, 2e-9 / 7], "b": 1234567, "c": None}) == {
        "a": [0.333333, 2.85714e-10],
        "b": 1234567,
        "c": None,
    }
