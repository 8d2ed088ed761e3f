"""Train with LoFT and with gradient descent from the same start (LoFT v2, appendices A to C).

The steps are rebuilt from appendix A's words ("normalizer", "indicator", the scaled whole network)
for the loss L = 1/2 |y - output|^2, whose gradient has no factor 2:

    u(W)     = xi f(W)                                               whole network, scaled
    f_s(W)   = sum_r m_rs b_r                                        worker s's subnetwork
    LoFT     w_r <- w_r - eta sum_s (m_rs / N_r) J_r^T (f_s(W) - y)  one local step
    descent  w_r <- w_r - (eta theta / xi) xi J_r^T (u(W) - y)

Descent takes the step eta theta / xi on the network scaled by xi. This makes the two comparable:
LoFT's mean update over masks is descent's update plus -eta theta (1 - xi) J_r^T b_r, of order 1/m.
On the unscaled network the two would have different optima, and their distance could not vanish.

With more local steps every worker takes them on its own copy of its filters, with the masks of the
round (v1's Algorithm 1). The changes of the copies are averaged with weights m_rs / N_r. Descent
takes the same number of steps.
"""

from dataclasses import dataclass

import numpy as np

from loft.theorem1.masks import Masks, update_weights
from loft.theorem1.network import Array, Problem, Start, backward, forward


@dataclass(frozen=True)
class Plan:
    """The parameters of a training.

    Attributes:
        masks: distribution of LoFT's masks.
        step: eta.
        iterations: total number of gradient steps, T.
        local_steps: steps between synchronisations; divides `iterations`.
    """

    masks: Masks
    step: float
    iterations: int
    local_steps: int = 1


@dataclass(frozen=True)
class Trajectories:
    """Measurements at the checkpoints, (repetitions, checkpoints) unless another shape is given.

    Attributes:
        at: iterations of the checkpoints, (checkpoints,).
        weights: |W_t - What_t|^2, with LoFT's W and gradient descent's What.
        outputs: eta times the sum of |u(W) - u(What)|^2 over earlier iterations; with several
            local steps, over earlier synchronisations, times the local steps.
        movement: |What_t - W_0|^2.
        loft_loss, descent_loss: 1/2 |y - u|^2.
        tail: LoFT's loss averaged over the last tenth of the iterations, (repetitions,).
        ends: gradient descent's last weights, (repetitions, d, m).
    """

    at: Array
    weights: Array
    outputs: Array
    movement: Array
    loft_loss: Array
    descent_loss: Array
    tail: Array
    ends: Array


MEASURED = ["weights", "outputs", "movement", "loft_loss", "descent_loss"]  # at checkpoints


def descend(problem: Problem, start: Start, weights: Array, plan: Plan) -> tuple[Array, Array]:
    """Take one step of gradient descent; return the new weights and u before it, (..., n)."""
    xi, theta = plan.masks.probability, plan.masks.theta
    parts, gates = forward(problem.patches, weights, start.second)
    outputs = xi * parts.sum(-1)
    residuals = (outputs - problem.targets)[..., None]
    gradient = xi * backward(problem.patches, gates, residuals)
    return weights - (plan.step * theta / xi) * gradient, outputs


def loft_step(
    problem: Problem, start: Start, weights: Array, masks: Array, plan: Plan
) -> tuple[Array, Array]:
    """Take a round of LoFT with one local step; return the new weights and u before it.

    Args:
        problem: the training data.
        start: holds the second layer.
        weights: (repetitions, d, m).
        masks: (repetitions, S, m).
        plan: the parameters of the training.
    """
    parts, gates = forward(problem.patches, weights, start.second)
    subnetworks = parts @ np.swapaxes(masks, -1, -2)  # (repetitions, n, S)
    errors = subnetworks - problem.targets[:, None]  # (repetitions, n, S)
    residuals = errors @ update_weights(masks)  # (repetitions, n, m)
    gradient = backward(problem.patches, gates, residuals)
    return weights - plan.step * gradient, plan.masks.probability * parts.sum(-1)


def loft_round(
    problem: Problem, start: Start, weights: Array, masks: Array, plan: Plan
) -> tuple[Array, Array]:
    """Take a round of LoFT with any number of local steps; otherwise like `loft_step`."""
    second = start.second[:, None]
    copies = np.repeat(weights[:, None], plan.masks.workers, axis=1)  # (repetitions, S, d, m)
    held = masks[..., None, :]  # (repetitions, S, 1, m)
    outputs = np.empty(0)
    for taken in range(plan.local_steps):
        parts, gates = forward(problem.patches, copies, second)  # (repetitions, S, n, m)
        if taken == 0:
            outputs = plan.masks.probability * parts[:, 0].sum(-1)
        residuals = (parts * held).sum(-1) - problem.targets  # (repetitions, S, n)
        copies -= plan.step * backward(problem.patches, gates, residuals[..., None]) * held
    changes = (copies - weights[:, None]) * update_weights(masks)[..., None, :]
    return weights + changes.sum(1), outputs


def train(
    problem: Problem, start: Start, plan: Plan, random: np.random.Generator, checkpoints: list[int]
) -> Trajectories:
    """Train with LoFT and with gradient descent from the same start, and measure the distances.

    Args:
        problem: the training data.
        start: the networks of all repetitions.
        plan: the parameters of the training.
        random: draws the masks.
        checkpoints: iterations to measure at, multiples of `local_steps`; the last is T.
    """
    loft, descent = start.weights, start.weights
    repetitions, _, width = start.weights.shape
    take = loft_step if plan.local_steps == 1 else loft_round
    summed, tail, counted = np.zeros(repetitions), np.zeros(repetitions), 0
    wanted, measured = {*checkpoints}, []
    for done in range(0, plan.iterations + 1, plan.local_steps):
        masks = plan.masks.draw(random, repetitions, width)
        ahead, loft_outputs = take(problem, start, loft, masks, plan)
        further, outputs = descend(problem, start, descent, plan)
        loss = _loss(loft_outputs, problem)
        if done in wanted:
            apart, moved = loft - descent, descent - start.weights
            distances = [np.square(change).sum((1, 2)) for change in (apart, moved)]
            losses = [loss, _loss(outputs, problem)]
            measured.append([distances[0], plan.step * summed, distances[1], *losses])
        if done > 0.9 * plan.iterations:
            tail, counted = tail + loss, counted + 1
        if done == plan.iterations:
            break
        summed = summed + plan.local_steps * np.square(loft_outputs - outputs).sum(-1)
        for _ in range(plan.local_steps - 1):
            further, _ = descend(problem, start, further, plan)
        loft, descent = ahead, further
    columns = np.array(measured).transpose(1, 2, 0)  # (what, repetitions, checkpoints)
    named = dict(zip(MEASURED, columns, strict=True))
    return Trajectories(np.array(sorted(wanted)), tail=tail / counted, ends=descent, **named)


def _loss(outputs: Array, problem: Problem) -> Array:
    return np.asarray(0.5 * np.square(outputs - problem.targets).sum(-1))
