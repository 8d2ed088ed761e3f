"""Which filters each worker trains in a round: both of LoFT v2's kinds of masks.

* `bernoulli` (section 5): every entry is 1 with probability xi, independently of all others, so a
  filter may be with several workers or with none.
* `partition` (appendix C, and LoFT itself): every filter is with exactly one worker; filters are
  shuffled and dealt in equal parts, so xi = 1/S.

Legend (appendix A): S workers; m_rs mask of filter r and worker s; N_r = max(sum_s m_rs, 1), by
which a filter's update is divided; theta = P(a filter is with at least one worker), that is
1 - (1 - xi)^S for the first kind and 1 for the second.
"""

from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np

from loft.theorem1.network import Array

Kind = Literal["bernoulli", "partition"]


@dataclass(frozen=True)
class Masks:
    """How masks are drawn.

    Attributes:
        kind: see above.
        workers: S.
        probability: xi; 1/S for a partition.
    """

    kind: Kind
    workers: int
    probability: float

    @property
    def theta(self) -> float:
        """Probability that a filter is trained in a round."""
        if self.kind == "partition":
            return 1.0
        return 1 - (1 - self.probability) ** self.workers

    @property
    def inverse_count(self) -> float:
        """E[1{K >= 1} / K], with K the number of workers that have a filter."""
        if self.kind == "partition":
            return 1.0
        xi, workers = self.probability, self.workers
        chances = (
            comb(workers, k) * xi**k * (1 - xi) ** (workers - k) / k for k in range(1, workers + 1)
        )
        return float(sum(chances))

    @property
    def common(self) -> float:
        """Variance of the mean over workers that all filters' updates share, per worker's.

        With independent masks a filter's expected weight on each worker's residual is theta / S,
        so that S independent residuals leave theta^2 / S. A partition's residuals sum to the whole
        network's, which leaves nothing.
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
    """Return m_rs / N_r, the weight of a worker's update of a filter, (..., S, m)."""
    return np.asarray(masks / np.maximum(masks.sum(-2, keepdims=True), 1))
