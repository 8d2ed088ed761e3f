"""Compute the loss of logistic regression with an l2 penalty (equation 6 of section 4.1).

    f(w) = 1/m sum_j log(1 + exp(-a_j . w)) + lambda_2/2 |w|^2      a_j = y_j x_j, a row of `signed`

Symbols: m samples, n features, y_j in {-1, +1}; f is mu-strongly convex, mu = lambda_2, and
L-smooth. Samples are dense or sparse.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from scipy.sparse.linalg import LinearOperator, eigsh
from scipy.special import expit

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Support = NDArray[np.bool_]  # (n,): true where w is not zero
Matrix = Any  # (m, n) float64: an ndarray or a csr_array
SMALL_SIDE = 1000  # rows of the largest dense Gram matrix; above it Lanczos' method is used


@dataclass(frozen=True)
class Logistic:
    """The smooth loss of some samples, for example of one worker.

    Attributes:
        signed: samples times their labels, (m, n).
        lambda_2: the l2 penalty, positive.
    """

    signed: Matrix
    lambda_2: float

    @property
    def samples(self) -> int:
        return int(self.signed.shape[0])

    @property
    def features(self) -> int:
        return int(self.signed.shape[1])

    @property
    def stored(self) -> int:
        """Number of stored entries, which a product with the samples reads."""
        return int(self.signed.nnz if issparse(self.signed) else self.signed.size)

    @cached_property
    def _columns(self) -> Matrix:
        return self.signed.T  # a view, made once

    def margins(self, w: Vector) -> Vector:
        """Return a_j . w for every sample, (m,)."""
        products: Vector = self.signed @ w
        return products

    def value(self, w: Vector) -> float:
        losses = np.logaddexp(0, -self.margins(w))
        return float(losses.mean() + self.lambda_2 / 2 * (w @ w))

    def data_gradient(self, w: Vector) -> Vector:
        """Return the gradient of the mean loss without the penalty, (n,)."""
        pulls = expit(-self.margins(w))
        pulls /= -self.samples
        gradient: Vector = self._columns @ pulls
        return gradient

    def gradient(self, w: Vector) -> Vector:
        return self.data_gradient(w) + self.lambda_2 * w

    def curvature(self, margins: Vector) -> Vector:
        """Return the second derivative of each sample's loss at its margin, (m,)."""
        second: Vector = expit(margins) * expit(-margins)
        return second

    def accuracy(self, margins: Vector) -> float:
        """Return the percentage of samples with a positive margin; zero margins count half."""
        return 100 * float(np.mean(margins > 0) + np.mean(margins == 0) / 2)

    @cached_property
    def smoothness(self) -> float:
        """L: the largest eigenvalue of the samples' Gram matrix over 4 m, plus lambda_2."""
        return _largest_eigenvalue(self.signed) / (4 * self.samples) + self.lambda_2


def _largest_eigenvalue(rows: Matrix) -> float:
    """Return the largest eigenvalue of `rows.T @ rows`."""
    if not issparse(rows) and min(rows.shape) <= SMALL_SIDE:
        gram = rows @ rows.T if rows.shape[0] <= rows.shape[1] else rows.T @ rows
        return float(np.linalg.eigvalsh(gram)[-1])
    features = rows.shape[1]
    if features < 3:  # too few for Lanczos' method
        return float(np.linalg.eigvalsh((rows.T @ rows).toarray())[-1])
    columns = rows.T
    gram = LinearOperator((features, features), lambda v: columns @ (rows @ v), dtype=np.float64)
    start = np.ones(features)
    return float(eigsh(gram, k=1, v0=start, return_eigenvectors=False)[0])


def split(signed: Matrix, parts: int, random: np.random.Generator) -> list[Matrix]:
    """Split samples at random into parts whose sizes differ by at most one."""
    order = random.permutation(signed.shape[0])
    return [
        csr_array(signed[part]) if issparse(signed) else np.ascontiguousarray(signed[part])
        for part in np.array_split(order, parts)
    ]
