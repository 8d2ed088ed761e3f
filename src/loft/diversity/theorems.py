"""Check Theorems 1 to 4 on problems with known constants: run mini-batch SGD, compare the bounds.

All four need samples drawn with replacement, steps along the sum of a batch's gradients, a
constant step size, and B <= delta B_D(w) + 1 for all w of the domain. Theorems 2 and 4 also limit
B. M^2 must hold on the whole domain. Least squares have no M^2 on R^d: Theorem 4 projects on a
ball; Theorem 2 may not project, so we check afterwards whether its weights stayed in the ball.

Symbols: gamma is the step, T the number of updates (gradients), epsilon the requested accuracy, M^2
the bound on the mean squared gradient; beta, mu and lambda are the constants of smoothness, of the
PL condition and of strong convexity.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from loft.diversity.glm import Array, Glm, Link, draw_problem

Theorem = Literal["smooth", "pl", "convex", "strongly_convex"]
THEOREMS: dict[Theorem, Link] = {
    "smooth": "robust",
    "pl": "squares",
    "convex": "logistic",
    "strongly_convex": "squares",
}
LOOKS = 200  # most times that a run's gradients or weights are measured


@dataclass(frozen=True)
class Case:
    """A problem with a theorem's constants. All weights start at 0.

    Attributes:
        step: gamma.
        updates: the smallest T.
        radius: radius of the ball around the start in which M^2 holds; infinite if it always holds.
        most: the theorem's own limit on B; infinite if it has none.
        optimum: w*; None if the theorem has none.
    """

    theorem: Theorem
    problem: Glm
    epsilon: float
    step: float
    updates: int
    radius: float
    most: float
    optimum: Array | None

    def batch(self, delta: float) -> int:
        """Return the largest B that the condition allows for all w."""
        return math.floor(delta * self.problem.bound) + 1

    def promised(self, delta: float) -> float:
        """Return the right-hand side, (1 + delta / 2) epsilon."""
        return (1 + delta / 2) * self.epsilon


@dataclass(frozen=True)
class Outcome:
    """The result of a run.

    Attributes:
        attained: the theorem's left-hand side in each repetition (r,).
        updates: T, a multiple of the batch size.
        farthest: the largest distance of the weights from the start.
    """

    attained: Array
    updates: int
    farthest: float


def draw_case(
    theorem: Theorem, samples: int, features: int, epsilon: float, random: np.random.Generator
) -> Case:
    """Draw a problem for a theorem; `epsilon` is relative to the left-hand side at the start."""
    rank = features // 2 if theorem == "pl" else features
    problem = draw_problem(THEOREMS[theorem], samples, features, rank, 0.2, random)
    start = np.zeros(features)
    beta, least = problem.smoothness, problem.least_curvature
    optimum = None if theorem == "smooth" else problem.optimum()
    distance = 0.0 if optimum is None else float(optimum @ optimum)
    radius = 2 * math.sqrt(distance) if THEOREMS[theorem] == "squares" else math.inf
    moment = problem.second_moment(start, radius)
    fall = float(problem.loss(start[None])[0])
    if optimum is not None:
        fall -= float(problem.loss(optimum[None])[0])
    by_weights = theorem == "strongly_convex"
    first = float((problem.gradient(start[None]) ** 2).sum()) if theorem == "smooth" else fall
    eps = epsilon * (distance if by_weights else first)
    halvings = math.log(2 * max(distance if by_weights else fall, eps) / eps)
    steps = {
        "smooth": eps / (beta * moment),
        "pl": 2 * eps * least / (moment * beta),
        "convex": eps / moment,
        "strongly_convex": eps * least / moment,
    }
    updates = {
        "smooth": 2 * moment * beta * fall / eps**2,
        "pl": moment * beta / (4 * least**2 * eps) * halvings,
        "convex": moment * distance / eps**2,
        "strongly_convex": moment / (2 * least**2 * eps) * halvings,
    }
    limited = theorem in ("pl", "strongly_convex")
    most = 1 / (2 * steps[theorem] * least) if limited else math.inf
    needed = math.ceil(updates[theorem])
    return Case(theorem, problem, eps, steps[theorem], needed, radius, most, optimum)


def descend(
    problem: Glm,
    step: float,
    batch: int,
    updates: int,
    repetitions: int,
    random: np.random.Generator,
    radius: float = math.inf,
) -> Iterator[Array]:
    """Yield the weights (r, d) of mini-batch SGD: the start at 0, then after each iteration.

    Args:
        radius: radius of the ball on which weights are projected.
    """
    n, features = problem.rows.shape
    w = np.zeros((repetitions, features))
    yield w
    for _ in range(math.ceil(updates / batch)):
        drawn = random.integers(n, size=(repetitions, batch))
        rows = problem.rows[drawn]  # (r, b, d)
        slopes = problem.slopes(np.einsum("rbd,rd->rb", rows, w), problem.targets[drawn])
        w = w - step * np.einsum("rb,rbd->rd", slopes, rows)
        if math.isfinite(radius):
            lengths = np.linalg.norm(w, axis=1, keepdims=True)
            w = w * np.minimum(1, radius / np.maximum(lengths, 1e-300))
        yield w


def run_case(asked: Case, batch: int, repetitions: int, random: np.random.Generator) -> Outcome:
    """Run mini-batch SGD as a theorem requires; return its left-hand side."""
    problem, theorem = asked.problem, asked.theorem
    iterations = math.ceil(asked.updates / batch)
    ball = asked.radius if theorem == "strongly_convex" else math.inf
    looked = max(1, iterations // LOOKS)
    total = np.zeros((repetitions, problem.rows.shape[1]))
    norms, farthest = [], 0.0
    given = asked.step, batch, asked.updates, repetitions, random, ball
    for k, w in enumerate(descend(problem, *given)):
        if k < iterations:  # theorems 1 and 3 use k = 0 to T/B - 1
            total += w
        if k % looked == 0 or k == iterations:
            farthest = max(farthest, float(np.linalg.norm(w, axis=1).max()))
            if theorem == "smooth" and k < iterations:
                norms.append((problem.gradient(w) ** 2).sum(1))
    updates = iterations * batch
    if theorem == "smooth":
        best = int(np.argmin([row.mean() for row in norms]))
        return Outcome(norms[best], updates, farthest)
    assert asked.optimum is not None
    if theorem == "strongly_convex":
        return Outcome(((w - asked.optimum) ** 2).sum(1), updates, farthest)
    reached = total / iterations if theorem == "convex" else w
    lowest = float(problem.loss(asked.optimum[None])[0])
    return Outcome(problem.loss(reached) - lowest, updates, farthest)
