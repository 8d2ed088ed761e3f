"""Test the loss of logistic regression: gradient, smoothness, splitting of samples."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.sparse import csr_array

from loft.core.seeding import stream
from loft.soda.logistic import Logistic, split
from tests.soda.problems import problem

KINDS = pytest.mark.parametrize("kind", ["dense", "sparse"])


@KINDS
def test_the_gradient_is_the_derivative_of_the_value(kind: str) -> None:
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
