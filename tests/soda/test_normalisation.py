"""Test the scaling of features, dense and sparse."""

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse

from loft.core.errors import UserError
from loft.soda.normalisation import ROOM, Samples, normalise

VALUES = np.array([[1.0, 0, -4], [3, 0, 2], [5, 0, 0]])
SPARSE = pytest.mark.parametrize("sparse", [False, True])


@SPARSE
def test_columns_are_divided_by_their_largest_absolute_value(sparse: bool) -> None:
    samples = Samples("", csr_array(VALUES) if sparse else VALUES, np.ones(3))
    scaled = normalise(samples, "max_abs")
    assert issparse(scaled) == sparse
    assert np.allclose(csr_array(scaled).toarray(), VALUES / [5, 1, 4], rtol=1e-15)


@SPARSE
def test_rows_are_divided_by_their_length(sparse: bool) -> None:
    given = np.array([[3.0, 4, 0], [0, 0, 0], [0, 0, 2]])
    scaled = normalise(Samples("", csr_array(given) if sparse else given, np.ones(3)), "rows")
    expected = np.array([[0.6, 0.8, 0], [0, 0, 0], [0, 0, 1]])
    assert np.allclose(csr_array(scaled).toarray(), expected)


def test_standardised_columns_have_no_mean_and_variance_one() -> None:
    scaled = normalise(Samples("", VALUES, np.ones(3)), "standardise")
    assert np.allclose(scaled.mean(axis=0), 0)
    assert np.allclose(scaled.std(axis=0), [1, 0, 1])


def test_sparse_samples_are_filled_where_there_is_room() -> None:
    scaled = normalise(Samples("few", csr_array(VALUES), np.ones(3)), "standardise")
    assert np.array_equal(scaled, normalise(Samples("few", VALUES, np.ones(3)), "standardise"))
    many = csr_array(([1.0], ([0], [0])), shape=(1000, ROOM // 8000 + 1))
    expected = (
        r"found standardise, which would fill words \(1\.5e-06 % .* with 537 MB; expected at "
    )
    with pytest.raises(UserError, match=expected + "most 537 MB, or max_abs, rows or none"):
        normalise(Samples("words", many, np.ones(1000)), "standardise")
