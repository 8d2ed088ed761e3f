"""Samples of two classes, from whatever source, and how their features are scaled."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, issparse

from loft.core.errors import UserError
from loft.soda.config import Normalisation
from loft.soda.logistic import Matrix, Vector

ROOM = 2**29  # bytes of sparse samples, made dense, that may be standardised
DENSE = 0.25  # of entries not zero: from here on an ndarray is smaller and faster


@dataclass(frozen=True)
class Samples:
    """Samples with labels.

    Attributes:
        dataset: its name in tables.
        values: (m, n) float64, an ndarray or a csr_array.
        labels: (m,) float64, -1 or +1.
    """

    dataset: str
    values: Matrix
    labels: Vector


def compact(values: csr_array) -> Matrix:
    """Return a matrix as an ndarray where so few entries are zero that this takes less room."""
    return values.toarray() if values.nnz >= DENSE * np.prod(values.shape) else values


def normalise(samples: Samples, how: Normalisation) -> Matrix:
    """Return the scaled values.

    Raises:
        UserError: this would make a sparse matrix dense, and there is not the room for it.
    """
    return NORMALISATIONS[how](samples)


def signed(values: Matrix, labels: Vector) -> Matrix:
    """Return every sample times its label."""
    return _scale_rows(values, labels)


def _none(samples: Samples) -> Matrix:
    return samples.values


def _max_abs(samples: Samples) -> Matrix:
    """Divide columns by their largest absolute value, as section 4.1 says."""
    values = samples.values
    largest = np.abs(values).max(axis=0)
    largest = largest.toarray().ravel() if issparse(largest) else largest
    return _scale_columns(values, 1 / np.where(largest > 0, largest, 1))


def _standardise(samples: Samples) -> Matrix:
    """Give columns zero mean and unit variance; constant columns become zero."""
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
    """Divide rows by their length, as is usual for texts."""
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
