"""Test generalised linear problems: gradients, constants and bounds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loft.diversity.glm import Glm, Link, conflict_bound, diversity_bound, draw_problem, glm_bound
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
    """M^2 holds in the ball, beta between any two weights, and B is never below its bound."""
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
    """Orthogonal rows, n = d: B is n for all slopes."""
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
