"""Test the minimiser against SciPy's, its certificate, and suboptimality without cancellation."""

import numpy as np
import pytest
from scipy.optimize import minimize

from loft.core.errors import JobError
from loft.core.seeding import stream
from loft.soda.logistic import Vector
from loft.soda.optimum import Suboptimality, minimise, smallest_subgradient
from tests.soda.problems import problem

KINDS = pytest.mark.parametrize("kind", ["dense", "sparse"])


@KINDS
def test_the_minimiser_is_scipys(kind: str) -> None:
    """The positive and negative parts of w solve a smooth problem with bounds."""
    of = problem(kind)
    loss, n = of.loss, of.loss.features

    def value(parts: Vector) -> tuple[float, Vector]:
        gradient = loss.gradient(parts[:n] - parts[n:])
        total = loss.value(parts[:n] - parts[n:]) + of.lambda_1 * float(parts.sum())
        return total, np.concatenate([gradient, -gradient]) + of.lambda_1

    options = {"maxiter": 20_000, "maxfun": 20_000, "ftol": 1e-16, "gtol": 1e-10}
    found = minimize(value, np.zeros(2 * n), jac=True, bounds=[(0, None)] * 2 * n, options=options)
    assert of.optimum.value == pytest.approx(found.fun, abs=1e-12)
    assert np.allclose(found.x[:n] - found.x[n:], of.optimum.w, rtol=0, atol=1e-5)
    assert 0 < of.optimum.support < n


@KINDS
def test_the_certificate_is_the_kkt_residual(kind: str) -> None:
    of = problem(kind)
    gradient, w = of.loss.gradient(of.optimum.w), of.optimum.w
    inside = w != 0
    residual = np.abs(gradient + of.lambda_1 * np.sign(w))[inside].max()
    outside = np.maximum(np.abs(gradient) - of.lambda_1, 0)[~inside].max()
    assert of.optimum.residual == max(residual, outside) <= 1e-14


def test_the_smallest_subgradient_by_hand() -> None:
    gradient, w = np.array([0.5, 2.0, -2.0, 0.25]), np.array([0.0, 0.0, 0.0, -1.0])
    assert smallest_subgradient(gradient, w, 1.0).tolist() == [0, 1, -1, -0.75]


def test_a_penalty_that_is_large_enough_leaves_nothing() -> None:
    loss = problem().loss
    largest = float(np.abs(loss.gradient(np.zeros(loss.features))).max())
    assert minimise(loss, largest, 1e-14).support == 0
    assert minimise(loss, largest * 0.99, 1e-14).support > 0


def test_a_residual_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loft.soda.optimum.ATTEMPTS", 3)
    with pytest.raises(JobError, match=r"the KKT residual is .*; expected at most 1e-40"):
        minimise(problem().loss, 0.03, 1e-40)


@KINDS
def test_suboptimality_is_the_difference_of_values(kind: str) -> None:
    of = problem(kind)
    measure = Suboptimality(of.loss, of.lambda_1, of.optimum)
    random = stream("test", 3)
    for size in (3.0, 0.1):
        w = of.optimum.w + size * random.standard_normal(of.loss.features)
        plain = of.loss.value(w) + of.lambda_1 * np.abs(w).sum() - of.optimum.value
        assert measure(w, of.loss.margins(w)) == pytest.approx(plain / of.optimum.value, rel=1e-9)


def test_suboptimality_falls_with_the_square_far_below_rounding() -> None:
    """F is smooth on the support: a tenth of the distance, a hundredth of the suboptimality."""
    of = problem()
    measure = Suboptimality(of.loss, of.lambda_1, of.optimum)
    assert measure(of.optimum.w, of.loss.margins(of.optimum.w)) == 0
    direction = np.where(of.optimum.w != 0, stream("test", 4).standard_normal(30), 0)
    found = []
    for size in (1e-6, 1e-7, 1e-8):
        w = of.optimum.w + size * direction
        found.append(measure(w, of.loss.margins(w)))
    assert found[0] < 1e-11
    assert found[0] / found[1] == pytest.approx(100, rel=1e-3)
    assert found[1] / found[2] == pytest.approx(100, rel=1e-2)
