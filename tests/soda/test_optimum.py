"""The loss, its minimiser against scipy's, and suboptimality without cancellation."""

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize
from scipy.sparse import csr_array

from loft.core.errors import JobError
from loft.core.seeding import stream
from loft.soda.logistic import Logistic, Vector, split
from loft.soda.optimum import Suboptimality, minimise, smallest_subgradient
from tests.soda.problems import problem

KINDS = pytest.mark.parametrize("kind", ["dense", "sparse"])


@KINDS
def test_the_gradient_is_the_values(kind: str) -> None:
    loss = problem(kind).loss
    w = stream("test", 0).standard_normal(loss.features)
    assert check_grad(loss.value, loss.gradient, w) < 1e-5


def test_sparse_samples_give_what_dense_ones_do() -> None:
    sparse = problem("sparse").loss
    dense = Logistic(sparse.signed.toarray(), sparse.lambda_2)
    w = stream("test", 1).standard_normal(sparse.features)
    assert np.allclose(sparse.gradient(w), dense.gradient(w), rtol=0, atol=1e-15)
    assert sparse.smoothness == pytest.approx(dense.smoothness, rel=1e-12)
    exact = np.linalg.norm(dense.signed, 2) ** 2 / (4 * dense.samples) + dense.lambda_2
    assert dense.smoothness == pytest.approx(exact, rel=1e-12)


def test_the_smoothness_of_one_feature() -> None:
    """One column (1, 2): L = 5 / (4 * 2) + lambda_2, dense or sparse."""
    column = np.array([[1.0], [2.0]])
    for signed in (column, csr_array(column)):
        assert Logistic(signed, 0.5).smoothness == pytest.approx(0.625 + 0.5)


def test_samples_are_dealt_out_once_each() -> None:
    parts = split(np.arange(11.0)[:, None], 4, stream("test", 2))
    assert sorted(len(part) for part in parts) == [2, 3, 3, 3]
    assert sorted(np.concatenate(parts).ravel()) == [*range(11)]


@KINDS
def test_the_minimiser_is_scipys(kind: str) -> None:
    """Positive and negative parts of w make the problem smooth, with bounds."""
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
    """Within the support F is smooth: a tenth of the way, a hundredth of the suboptimality."""
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
