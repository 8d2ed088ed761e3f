"""Find the minimiser of equation 1 with a solver independent of SODA, and certify it.

Accelerated proximal gradient steps on all samples find the support and the signs. With both fixed
the problem is smooth, and Newton's method solves it. The certificate is the KKT residual, the
largest entry of the smallest subgradient r: strong convexity gives F(w) - F* <= |r|^2 / (2 mu).

Symbols: F = f + lambda_1 |.|_1; w* the minimiser; g* the gradient of f at w*.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import expit

from loft.core.errors import JobError
from loft.soda.algorithm import prox
from loft.soda.logistic import Logistic, Vector

BATCH = 200  # accelerated steps between two attempts with Newton's method
ATTEMPTS = 500
NEWTON_STEPS = 12
TAYLOR = 1.0  # for changes of margins below this, losses are subtracted without cancellation


@dataclass(frozen=True)
class Optimum:
    """The minimiser and its certificate.

    Attributes:
        w: (n,).
        value: F(w).
        subgradient: the smallest subgradient of F at w, (n,).
        mu: lambda_2.
    """

    w: Vector
    value: float
    subgradient: Vector
    mu: float

    @property
    def residual(self) -> float:
        """The KKT residual."""
        return float(np.abs(self.subgradient).max())

    @property
    def bound(self) -> float:
        """Upper bound on F(w) - F*."""
        return float(self.subgradient @ self.subgradient) / (2 * self.mu)

    @property
    def support(self) -> int:
        return int(np.count_nonzero(self.w))


def smallest_subgradient(gradient: Vector, w: Vector, lambda_1: float) -> Vector:
    """Return the subgradient of F with the smallest norm."""
    inside = gradient - np.clip(gradient, -lambda_1, lambda_1)
    found: Vector = np.where(w == 0, inside, gradient + lambda_1 * np.sign(w))
    return found


def minimise(loss: Logistic, lambda_1: float, tolerance: float) -> Optimum:
    """Return the minimiser of F with a KKT residual of at most `tolerance`.

    Raises:
        JobError: the solver does not reach the tolerance.
    """
    step = 1 / loss.smoothness
    w = ahead = np.zeros(loss.features)
    pace, best = 1.0, np.inf
    for _ in range(ATTEMPTS):
        for _ in range(BATCH):
            new = prox(ahead - step * loss.gradient(ahead), step * lambda_1)
            if (ahead - new) @ (new - w) > 0:
                pace = 1.0  # the momentum points uphill: restart it
            following = (1 + np.sqrt(1 + 4 * pace**2)) / 2
            w, ahead, pace = new, new + (pace - 1) / following * (new - w), following
        ended = _newton(loss, lambda_1, w)
        found = smallest_subgradient(loss.gradient(ended), ended, lambda_1)
        best = min(best, float(np.abs(found).max()))
        if best <= tolerance:
            value = loss.value(ended) + lambda_1 * float(np.abs(ended).sum())
            return Optimum(ended, value, found, loss.lambda_2)
    raise JobError(f"optimum: the KKT residual is {best:.2g}; expected at most {tolerance:g}")


def _newton(loss: Logistic, lambda_1: float, start: Vector) -> Vector:
    """Solve the problem on the support and signs of `start`; stop before a sign changes."""
    where = np.flatnonzero(start)
    if not len(where):
        return start
    signs, part = np.sign(start[where]), loss.signed[:, where]
    columns, w, best = part.T, start, np.inf
    for _ in range(NEWTON_STEPS):
        gradient = loss.gradient(w)[where] + lambda_1 * signs
        if not (largest := float(np.abs(gradient).max())) < best:
            break
        best, weights = largest, loss.curvature(loss.margins(w)) / loss.samples

        def hessian(v: Vector, weights: Vector = weights) -> Vector:
            product: Vector = columns @ (weights * (part @ v)) + loss.lambda_2 * v
            return product

        size = (len(where), len(where))
        move, _ = cg(LinearOperator(size, hessian, dtype=np.float64), -gradient, rtol=1e-12)
        new = w.copy()
        new[where] += move
        if (np.sign(new[where]) != signs).any():
            break
        w = new
    return w


class Suboptimality:
    """Computes (F(w) - F*) / F*, the paper's "relative distance to the optimum".

    Nothing cancels, because F(w) - F* is computed as a sum of non-negative terms: the distance of
    each loss from its tangent at w*, lambda_2/2 |w - w*|^2, and
    g*_j (w_j - w*_j) + lambda_1 (|w_j| - |w*_j|) for every j.
    """

    def __init__(self, loss: Logistic, lambda_1: float, optimum: Optimum) -> None:
        self._loss, self._lambda_1, self._optimum = loss, lambda_1, optimum
        self._margins = loss.margins(optimum.w)
        self._pulls = expit(-self._margins)
        self._gradient = loss.gradient(optimum.w)
        # on the support of w* the l1 term cancels g* exactly; remove the rounding errors of g*
        inside = optimum.w != 0
        self._gradient[inside] = -lambda_1 * np.sign(optimum.w[inside])

    def __call__(self, w: Vector, margins: Vector) -> float:
        """Return the suboptimality of w with its margins."""
        optimum, move = self._optimum, w - self._optimum.w
        tangents = self._from_tangents(margins).mean()
        slopes = self._gradient * move + self._lambda_1 * (np.abs(w) - np.abs(optimum.w))
        same = (np.sign(w) == np.sign(optimum.w)) & (w != 0)
        slopes[same] = 0
        ridge = self._loss.lambda_2 / 2 * (move @ move)
        return float(tangents + ridge + slopes.sum()) / optimum.value

    def _from_tangents(self, margins: Vector) -> Vector:
        moved, pulls = margins - self._margins, self._pulls
        near = np.abs(moved) < TAYLOR
        small = np.where(near, moved, 0)
        exact = np.log1p(pulls * np.expm1(-small)) + pulls * small
        plain = np.logaddexp(0, -margins) - np.logaddexp(0, -self._margins) + pulls * moved
        distances: Vector = np.where(near, exact, plain)
        return distances
