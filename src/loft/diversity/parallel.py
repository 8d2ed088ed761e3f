"""Run mini-batch SGD in worker processes: each takes a share of every batch, sums are all-reduced.

All workers hold the same weights and draw the same batches; their mechanisms draw different
numbers. Each iteration has one round of communication, as in the paper's introduction.
"""

import torch
from torch import Tensor

from loft.core.processes.workers import Workers
from loft.diversity.mechanisms import Mechanism
from loft.diversity.minibatch_sgd import Learner


class ParallelWorker:
    """One worker of data-parallel SGD.

    Args:
        learner: the model, with the same weights on all workers.
        workers: the job's workers.
        shared: draws batches; in the same state on all workers.
        own: draws the mechanism's numbers; in another state on each worker.
    """

    def __init__(
        self, learner: Learner, workers: Workers, shared: torch.Generator, own: torch.Generator
    ) -> None:
        self.learner = learner
        self._workers, self._shared, self._own = workers, shared, own

    def step(
        self, inputs: Tensor, targets: Tensor, batch: int, length: float, mechanism: Mechanism
    ) -> None:
        """Draw a batch and take a step down the sum of its surrogates."""
        drawn = torch.randint(len(inputs), (batch,), generator=self._shared)
        mine = drawn[self._workers.rank :: self._workers.size]
        total = self.learner.total(inputs[mine], targets[mine], mechanism, self._own)
        mean = self._workers.average(total)
        self.learner.move(-length * self._workers.size * mean)
