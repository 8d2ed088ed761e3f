"""Draw the masks that say which filters each worker trains in a round (both kinds of LoFT v2).

* `bernoulli` (section 5): every entry is 1 with probability xi, independently, so several workers
  may have a filter, or none.
* `partition` (appendix C, and LoFT itself): exactly one worker has each filter; filters are
  shuffled and dealt in equal parts, so xi = 1/S.

Symbols (appendix A): S workers; m_rs the mask of filter r at worker s; N_r = max(sum_s m_rs, 1)
divides a filter's update; theta is the probability that at least one worker has a filter:
1 - (1 - xi)^S for `bernoulli`, 1 for `partition`.
"""

from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np

from loft.theorem1.network import Array

Kind = Literal["bernoulli", "partition"]


@dataclass(frozen=True)
class Masks:
    """The distribution of the masks.

    Attributes:
        kind: "bernoulli" or "partition".
        workers: S.
        probability: xi; 1/S for a partition.
    """

    kind: Kind
    workers: int
    probability: float

    @property
    def theta(self) -> float:
        """Probability that at least one worker trains a filter in a round."""
        if self.kind == "partition":
            return 1.0
        return 1 - (1 - self.probability) ** self.workers

    @property
    def inverse_count(self) -> float:
        """E[1{K >= 1} / K], where K is the number of workers that have a filter."""
        if self.kind == "partition":
            return 1.0
        xi, workers = self.probability, self.workers
        chances = (
            comb(workers, k) * xi**k * (1 - xi) ** (workers - k) / k for k in range(1, workers + 1)
        )
        return float(sum(chances))

    @property
    def common(self) -> float:
        """Variance of the noise that all filters' updates share, in units of one worker's variance.

        With independent masks a filter's expected weight on each worker's residual is theta / S, so
        the variance of S independent residuals is theta^2 / S. The residuals of a partition sum to
        the whole network's residual, so the variance is 0.
        """
        return 0.0 if self.kind == "partition" else self.theta**2 / self.workers

    def draw(self, random: np.random.Generator, repetitions: int, width: int) -> Array:
        """Draw masks of 0 and 1, (repetitions, S, m)."""
        if self.kind == "bernoulli":
            shape = repetitions, self.workers, width
            return np.asarray(random.random(shape) < self.probability, dtype=np.float64)
        dealt = np.broadcast_to(np.arange(width) % self.workers, (repetitions, width))
        owners = random.permuted(dealt, axis=1)  # (repetitions, m)
        held = owners[:, None] == np.arange(self.workers)[:, None]
        return np.asarray(held, dtype=np.float64)


def update_weights(masks: Array) -> Array:
    """Return m_rs / N_r, the weights of the workers' updates of each filter, (..., S, m)."""
    return np.asarray(masks / np.maximum(masks.sum(-2, keepdims=True), 1))
