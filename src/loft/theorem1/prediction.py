"""Predict the distances and the neighbourhood. This derivation is OUR OWN, not the paper's.

Corollary 1's formula is missing in v2's text, and Theorem 1's bound says how distances scale but
not how large they are. The following keeps the leading orders for wide networks, whose H and gates
do not change during training (the lazy regime, as in the proofs).

Let e = u - y. In a round, filter r moves by -eta J_r^T h_r with h_r = sum_s (m_rs / N_r)(f_s - y).
A worker's output is f_s = u + eps_s, and the masks give the noise eps_s covariance xi (1 - xi) B,
B = sum_r b_r b_r^T, which is of order kappa^2 at *every* width: a subnetwork's output does not
concentrate. The mean of h_r over masks is theta (e + (1 - xi) b_r). The rest of h_r has two parts:

    common to all filters: sum_s (theta / S) eps_s, covariance c xi (1 - xi) B,
        c = theta^2 / S with independent masks and 0 with a partition (whose eps_s sum to 0);
    each filter's own: covariance (nu - c) xi (1 - xi) B + theta (1 - theta) e e^T,
        nu = E[1{K >= 1} / K] over the number K of workers that have a filter.

The common part changes outputs: v in R^n with W - What = J^T v has, along an eigenvector k of H
(eigenvalue h, B_k = <k, B k>, g = 1 - eta theta xi h), variance
V_k(t) = eta^2 c xi (1 - xi) B_k (1 - g^2t) / (1 - g^2). A filter's own part averages out in
outputs but adds up in weights, as a random walk:

    weights(T)  = sum_k h V_k(T) + eta^2 T (nu - c) xi (1 - xi) tr(H B)
                  + eta^2 theta (1 - theta) sum_{t<T} E[e_t^T H e_t]
    outputs(T)  = eta sum_{t<T} sum_k xi^2 h^2 V_k(t)

These terms remain at infinite width. They are the floors, named "common", "walk" and "idle" below
(in the order above). With a partition "walk" is eta^2 T (1/S)(1 - 1/S) tr(H B), which is the
bound's second term up to its constant, and the other two are 0. "idle" comes from filters that no
worker has; the bound has no such term. With l local steps the masks stay for l steps and their
noise adds up in one direction: each floor is l times as large, as long as l steps do not move far.

At finite width there are two more terms: a pull towards small b_r, which LoFT's mean step has and
descent's step does not have, and the filters' own noise, which no longer averages out of outputs:

    weights:  s^2 T^2 sum_r |J_r^T b_r|^2 [(1 - (1 - s q)^T) / (s q T)]^2      of order kappa^2 / m
    outputs:  eta sum_{t<T} |(1 - xi) H^-1 (I - G^t) sum_r H_r b_r|^2          of order 1 / m^2
              + the sum with V_k of the noise eta^2 (nu - c) xi (1 - xi) Q_k / h^2   of order 1 / m

with s = eta theta (1 - xi), G = I - eta theta xi H and Q = sum_r H_r B H_r. The bracket accounts
for filters that have followed the pull: their b_r shrink at the rate s q with
q = sum_r |J_r^T b_r|^2 / sum_r |b_r|^2. Sums over filters are averaged over gradient descent's
first and last weights.

The neighbourhood is both parts of the outputs after infinitely many iterations,

    E|e|^2 -> |(1 - xi) H^-1 sum_r H_r b_r|^2
              + sum_k eta^2 xi^2 [c xi (1 - xi) h^2 B_k + (nu - c) xi (1 - xi) Q_k] / (1 - g^2)

computed at gradient descent's last weights. For a partition, `kernel.moments` corrects B and b_r
because filters are drawn without replacement.
"""

import numpy as np

from loft.theorem1.kernel import Kernel, Moments
from loft.theorem1.masks import Masks
from loft.theorem1.network import Array, Problem
from loft.theorem1.side_by_side import Plan

Parts = dict[str, float]
TINY = 1e-12  # smaller eigenvalues count as zero


def floors(problem: Problem, kernel: Kernel, kappa: float, plan: Plan) -> tuple[Parts, Parts]:
    """Return the weight distance and the output distance at infinite width, by cause."""
    masks, eta = plan.masks, plan.step
    xi, theta = masks.probability, masks.theta
    values, vectors = np.linalg.eigh(kernel.tangent)
    spread = _diagonal(vectors, kernel.parts) * kappa**2  # B_k
    start = xi**2 * spread + (vectors.T @ problem.targets) ** 2  # E[e_k^2] at the start
    times = np.arange(plan.iterations + 1)[:, None]
    kept = (1 - eta * theta * xi * values) ** 2  # g^2, (n,)
    held = plan.local_steps * eta**2
    noise = held * masks.common * xi * (1 - xi) * spread
    drift = noise * (1 - kept**times) / (1 - kept)  # V_k(t), (T + 1, n)
    apart = xi**2 * values**2 * drift  # of outputs
    residual = kept**times * start + apart  # E[e_k^2]
    walk = plan.iterations * (masks.inverse_count - masks.common) * xi * (1 - xi)
    idle = theta * (1 - theta) * (residual[:-1] @ values).sum()
    weights = {
        "walk": float(held * walk * (values * spread).sum()),
        "idle": float(held * idle),
        "common": float((values * drift[-1]).sum()),
    }
    return weights, {"common": float(eta * apart[:-1].sum())}


def finite_width(first: Moments, last: Moments, plan: Plan) -> tuple[Parts, Parts]:
    """Return what finite width adds to one network's weight and output distance, by cause.

    Args:
        first: sums of the network at the start.
        last: sums of gradient descent's last network.
        plan: the training.
    """
    masks, eta, iterations = plan.masks, plan.step, plan.iterations
    xi = masks.probability
    strength = eta * masks.theta * (1 - xi)  # s
    drag, size = (first.drag + last.drag) / 2, (first.size + last.size) / 2
    if strength * drag == 0:
        return {"pull": 0.0}, {"pull": 0.0, "own": 0.0}
    shrinking = strength * drag / size
    followed = (1 - (1 - shrinking) ** iterations) / (shrinking * iterations)
    pull = drag * (strength * iterations * followed) ** 2
    values, vectors = np.linalg.eigh((first.tangent + last.tangent) / 2)
    times = np.arange(iterations)[:, None]
    kept = (1 - eta * masks.theta * xi * values) ** times  # g^t
    shift = (1 - xi) * _over(vectors.T @ (first.pull + last.pull) / 2, values)
    noise = _own(masks, vectors, (first.spread + last.spread) / 2)
    noise *= plan.local_steps * eta**2 * xi**2
    drift = _over(noise * (1 - kept**2), 1 - kept[1] ** 2).sum()
    moved = {"pull": float(eta * np.square((1 - kept) * shift).sum()), "own": float(eta * drift)}
    return {"pull": float(pull)}, moved


def neighbourhood(found: Moments, plan: Plan) -> float:
    """Return LoFT's loss after infinitely many iterations, 1/2 E|u - y|^2."""
    masks, eta = plan.masks, plan.step
    xi = masks.probability
    values, vectors = np.linalg.eigh(found.tangent)
    kept = (1 - eta * masks.theta * xi * values) ** 2
    common = masks.common * values**2 * _diagonal(vectors, found.parts)
    noise = eta**2 * xi**2 * (xi * (1 - xi) * common + _own(masks, vectors, found.spread))
    shifted = (1 - xi) * _over(vectors.T @ found.pull, values)
    return float(0.5 * (np.square(shifted).sum() + _over(noise, 1 - kept).sum()))


def _over(value: Array, divisor: Array) -> Array:
    """Divide; return 0 in directions in which a network with dead filters cannot move."""
    value, divisor = np.broadcast_arrays(value, divisor)
    result = np.zeros_like(value)
    return np.asarray(np.divide(value, divisor, out=result, where=divisor > TINY))


def _own(masks: Masks, vectors: Array, spread: Array) -> Array:
    """Return the filters' own noise in the outputs along each eigenvector of H."""
    xi = masks.probability
    left = (masks.inverse_count - masks.common) * xi * (1 - xi)
    return np.asarray(left * _diagonal(vectors, spread))


def _diagonal(vectors: Array, matrix: Array) -> Array:
    return np.asarray(np.einsum("ik,ij,jk->k", vectors, matrix, vectors))
