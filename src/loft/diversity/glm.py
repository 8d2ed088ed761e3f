"""Draw generalised linear problems with known constants: f_i(w) = phi(a_i.w, b_i).

Functions take many weights at once: w is (r, d) for r repetitions. All rows a_i have length 1.
Gradients are phi'(a_i.w, b_i) a_i, so section 3's bound for generalised linear models holds:
B(w) >= n min ||a_i||^2 / sigma_max(A)^2 for Definitions 1 and 2.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Link = Literal["squares", "logistic", "robust"]
# Largest |phi'| (None: unbounded) and largest |phi''| of the links: squares t^2/2,
# logistic log(1 + exp(-t b)), robust t^2 / (1 + t^2), which is not convex; t = a.w - b.
STEEPEST: dict[Link, float | None] = {"squares": None, "logistic": 1.0, "robust": 27**0.5 / 8}
CURVED: dict[Link, float] = {"squares": 1.0, "logistic": 0.25, "robust": 2.0}


@dataclass(frozen=True)
class Glm:
    """A problem F(w) = 1/n sum_i phi(a_i.w, b_i).

    Attributes:
        link: phi.
        rows: a_i (n, d).
        targets: b_i (n,), +-1 for the logistic loss.
    """

    link: Link
    rows: Array
    targets: Array

    def values(self, w: Array, rows: Array, targets: Array) -> Array:
        """Return losses (r, m) at w (r, d) of rows (m, d) and their targets (m,)."""
        t = w @ rows.T
        if self.link == "logistic":
            return np.asarray(np.logaddexp(0, -t * targets))
        square: Array = (t - targets) ** 2
        found: Array = square / 2 if self.link == "squares" else square / (1 + square)
        return found

    def loss(self, w: Array) -> Array:
        """Return F (r,)."""
        found: Array = self.values(w, self.rows, self.targets).mean(1)
        return found

    def slopes(self, products: Array, targets: Array) -> Array:
        """Return phi' elementwise for products a.w and their targets."""
        t: Array = products - targets
        if self.link == "logistic":
            t = -targets / (1 + np.exp(np.minimum(products * targets, 500)))
        return 2 * t / (1 + t**2) ** 2 if self.link == "robust" else t

    def all_slopes(self, w: Array) -> Array:
        """Return phi' of all samples (r, n)."""
        return self.slopes(w @ self.rows.T, self.targets)

    def gradient(self, w: Array) -> Array:
        """Return F's gradient (r, d)."""
        found: Array = self.all_slopes(w) @ self.rows / len(self.rows)
        return found

    @property
    def curvatures(self) -> Array:
        """Eigenvalues of A'A / n in ascending order (d,)."""
        return np.asarray(np.linalg.eigvalsh(self.rows.T @ self.rows / len(self.rows)), np.float64)

    @property
    def smoothness(self) -> float:
        """beta, the smoothness of F."""
        return CURVED[self.link] * float(self.curvatures[-1])

    @property
    def least_curvature(self) -> float:
        """The smallest non-zero eigenvalue of A'A / n: mu, or lambda if no eigenvalue is 0."""
        found = self.curvatures
        return float(found[found > 1e-9 * found[-1]][0])

    @property
    def bound(self) -> float:
        """Lower bound on B(w) for all w (section 3)."""
        return glm_bound(self.rows)

    def second_moment(self, centre: Array, radius: float) -> float:
        """Return M^2, an upper bound on 1/n sum_i ||grad f_i||^2 in a ball.

        It holds everywhere if phi' is bounded.
        """
        lengths = np.linalg.norm(self.rows, axis=1)
        steepest = STEEPEST[self.link]
        if steepest is not None:
            return float(((steepest * lengths) ** 2).mean())
        farthest = np.abs(self.rows @ centre - self.targets) + lengths * radius
        return float(((farthest * lengths) ** 2).mean())

    def optimum(self) -> Array:
        """Return the minimiser of least norm (d,). Raises ValueError if none is known."""
        if self.link == "squares":
            found = np.linalg.lstsq(self.rows, self.targets, rcond=None)[0]
            return np.asarray(found, np.float64)
        if self.link == "robust":
            raise ValueError("robust: no minimiser is known")
        w = np.zeros(self.rows.shape[1])
        for _ in range(100):  # Newton's method; the samples overlap
            slope = self.slopes(self.rows @ w, self.targets)
            weight = np.abs(slope) * (1 - np.abs(slope))
            hessian = self.rows.T @ (weight[:, None] * self.rows)
            step = np.linalg.solve(hessian, self.rows.T @ slope)
            w = w - step
            if np.abs(step).max() < 1e-12:
                return w
        raise ValueError("logistic: the classes do not overlap, so there is no minimiser")


def draw_problem(
    link: Link, samples: int, features: int, rank: int, noise: float, random: np.random.Generator
) -> Glm:
    """Draw a problem: rows in a random subspace of dimension `rank`, targets from a true w.

    Args:
        noise: deviation of the targets; for the logistic loss the true w has length 1 / noise,
            otherwise 1.
    """
    spread = random.standard_normal((rank, features)) if rank < features else np.eye(features)
    rows = random.standard_normal((samples, rank)) @ np.linalg.qr(spread.T)[0].T
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    truth = random.standard_normal(features)
    products = rows @ (truth / np.linalg.norm(truth))
    if link == "logistic":
        certain = 1 / (1 + np.exp(-products / noise))
        return Glm(link, rows, np.where(random.random(samples) < certain, 1.0, -1.0))
    return Glm(link, rows, products + noise * random.standard_normal(samples))


def diversity_bound(gram_slopes: Array, rows: Array) -> Array:
    """Return B (r,) for gradients s_i a_i, or differences of gradients, with slopes s (r, n)."""
    squares = (gram_slopes**2) @ (rows**2).sum(1)
    together = ((gram_slopes @ rows) ** 2).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(len(rows) * squares / together)


def glm_bound(rows: Array) -> float:
    """Return n min ||a_i||^2 / sigma_max(A)^2: section 3's bound for generalised linear models.

    sum_i s_i^2 ||a_i||^2 >= min ||a_i||^2 ||s||^2, and ||A's||^2 <= sigma_max^2 ||s||^2.
    """
    lengths = (rows**2).sum(1)
    return float(len(rows) * lengths.min() / np.linalg.norm(rows, 2) ** 2)


def conflict_bound(touched: NDArray[np.bool_]) -> float:
    """Return n / (rho + 1): section 3's bound for sparse conflicts.

    Args:
        touched: (n, d), true for the entries of w that f_i depends on. Two samples conflict if
            they share an entry; rho is the largest number of conflicts of a sample. The inner
            product of two gradients is at most half the sum of their squares if they conflict,
            and 0 otherwise.
    """
    shared = touched.astype(np.int64) @ touched.T.astype(np.int64) > 0
    conflicts = shared.sum(1) - np.diagonal(shared)
    return len(touched) / (int(conflicts.max()) + 1)
