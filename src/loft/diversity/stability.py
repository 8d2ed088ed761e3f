"""Measure the stability of mini-batch SGD (Theorem 5).

Two training sets S and S' that differ in one point are trained with the same random draws. The
distance of the final weights bounds the change of every Lipschitz loss, and with it the
generalisation error (Bousquet and Elisseeff; Hardt et al.). Definition 2's bound is the smallest
one over pairs of weights during training.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from loft.diversity.glm import Array, Glm, diversity_bound


@dataclass(frozen=True)
class Stability:
    """Measurements of one batch size in r repetitions.

    Attributes:
        distances: ||w - w'|| at the end (r,).
        gaps: mean loss on fresh samples minus mean loss on S (r,).
        bound: the smallest B(w, w') of Definition 2 over pairs of weights during training.
    """

    distances: Array
    gaps: Array
    bound: float


def measure_stability(
    whole: Glm, samples: int, step: float, batch: int, updates: int, repetitions: int, seed: int
) -> Stability:
    """Train on S and S' in each repetition; each repetition replaces another point.

    Args:
        whole: samples of one distribution: the first n are S, each of the next r replaces a point
            of S in one repetition, and the rest are fresh.
        samples: n.
        step, batch, updates: gamma, B and the smallest T; steps take sums of gradients.
        repetitions: r.
        seed: seed of the draws.
    """
    random = np.random.Generator(np.random.Philox(seed))
    problem = replace(whole, rows=whole.rows[:samples], targets=whole.targets[:samples])
    spare = samples + np.arange(repetitions)
    pools = np.tile(np.arange(samples), (repetitions, 1))  # (r, n) -> indices into `whole`
    pools[np.arange(repetitions), random.permutation(samples)[:repetitions]] = spare
    w = np.zeros((2, repetitions, whole.rows.shape[1]))
    bound, iterations = math.inf, math.ceil(updates / batch)
    for k in range(iterations):
        drawn = random.integers(samples, size=(repetitions, batch))
        for side, chosen in enumerate((drawn, np.take_along_axis(pools, drawn, 1))):
            rows = whole.rows[chosen]
            products = np.einsum("rbd,rd->rb", rows, w[side])
            slopes = whole.slopes(products, whole.targets[chosen])
            w[side] -= step * np.einsum("rb,rbd->rd", slopes, rows)
        if k % max(1, iterations // 50) == 0:
            bound = min(bound, _pairs(problem, w))
    fresh = slice(samples + repetitions, None)
    losses = whole.values(w[0], whole.rows[fresh], whole.targets[fresh]).mean(1)
    distances = np.linalg.norm(w[0] - w[1], axis=1)
    return Stability(distances, losses - problem.loss(w[0]), min(bound, _pairs(problem, w)))


def _pairs(problem: Glm, w: Array) -> float:
    """Return the smallest B(w, w') of Definition 2 over repetitions whose weights differ."""
    differences = problem.all_slopes(w[0]) - problem.all_slopes(w[1])
    found = diversity_bound(differences, problem.rows)[np.abs(differences).max(1) > 1e-12]
    return float(found.min()) if len(found) else math.inf
