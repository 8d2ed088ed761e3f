"""Hold samples of two classes, and scale their features."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, issparse

from loft.core.errors import UserError
from loft.soda.logistic import Matrix, Vector
from loft.soda.settings import Normalisation

ROOM = 2**29  # bytes that sparse samples may take when standardising makes them dense
DENSE = 0.25  # share of non-zero entries from which an ndarray is smaller and faster


@dataclass(frozen=True)
class Samples:
    """Samples with labels.

    Attributes:
        dataset: name of the data set in tables.
        values: (m, n) float64, an ndarray or a csr_array.
        labels: (m,) float64, -1 or +1.
    """

    dataset: str
    values: Matrix
    labels: Vector


def compact(values: csr_array) -> Matrix:
    """Return the matrix as an ndarray if that takes less memory than a sparse matrix."""
    return values.toarray() if values.nnz >= DENSE * np.prod(values.shape) else values


def normalise(samples: Samples, how: Normalisation) -> Matrix:
    """Return the scaled values.

    Raises:
        UserError: a sparse matrix would become dense and take more than `ROOM` bytes.
    """
    return NORMALISATIONS[how](samples)


def signed(values: Matrix, labels: Vector) -> Matrix:
    """Return every sample (row) times its label."""
    return _scale_rows(values, labels)


def _none(samples: Samples) -> Matrix:
    return samples.values


def _max_abs(samples: Samples) -> Matrix:
    """Divide each column by its largest absolute value (section 4.1)."""
    values = samples.values
    largest = np.abs(values).max(axis=0)
    largest = largest.toarray().ravel() if issparse(largest) else largest
    return _scale_columns(values, 1 / np.where(largest > 0, largest, 1))


def _standardise(samples: Samples) -> Matrix:
    """Scale columns to zero mean and unit variance; constant columns become zero."""
    values = samples.values
    if issparse(values):
        size = 8 * math.prod(values.shape)
        if size > ROOM:
            share = 100 * values.nnz / math.prod(values.shape)
            raise UserError(
                f"normalisation: found standardise, which would fill {samples.dataset}"
                f" ({share:.2g} % of its entries are not zero) with {size / 1e6:,.0f} MB; expected"
                f" at most {ROOM / 1e6:,.0f} MB, or max_abs, rows or none"
            )
        values = values.toarray()
    deviations = values.std(axis=0)
    scaled: Matrix = (values - values.mean(axis=0)) / np.where(deviations > 0, deviations, 1)
    return scaled


def _rows(samples: Samples) -> Matrix:
    """Divide each row by its length, as is usual for texts."""
    values = samples.values
    if issparse(values):
        lengths = np.sqrt(values.multiply(values).sum(axis=1))
    else:
        lengths = np.linalg.norm(values, axis=1)
    return _scale_rows(values, 1 / np.where(lengths > 0, lengths, 1))


def _scale_rows(values: Matrix, factors: Vector) -> Matrix:
    if not issparse(values):
        return values * factors[:, None]
    scaled = csr_array(values, copy=True)
    scaled.data *= np.repeat(factors, np.diff(scaled.indptr))
    return scaled


def _scale_columns(values: Matrix, factors: Vector) -> Matrix:
    if not issparse(values):
        return values * factors
    scaled = csr_array(values, copy=True)
    scaled.data *= factors[scaled.indices]
    return scaled


NORMALISATIONS: Mapping[Normalisation, Callable[[Samples], Matrix]] = {
    "none": _none,
    "max_abs": _max_abs,
    "standardise": _standardise,
    "rows": _rows,
}
