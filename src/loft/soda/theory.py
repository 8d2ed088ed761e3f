"""Compute the constants of Lemma 1 and Theorem 1."""

from loft.soda.logistic import Logistic


def alpha(step: float, losses: list[Logistic]) -> float:
    """Return alpha = 2 gamma mu L / (mu + L) with the largest L of all losses."""
    mu = losses[0].lambda_2
    smoothness = max(loss.smoothness for loss in losses)
    return 2 * step * mu * smoothness / (mu + smoothness)


def largest_step(losses: list[Logistic]) -> float:
    """Return 2 / (mu + L), the largest gamma for which both hold."""
    return 2 / (losses[0].lambda_2 + max(loss.smoothness for loss in losses))
