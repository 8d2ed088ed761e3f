"""Define the base class of a method's workers.

A worker class is built from a `Setup` and has two functions: take a step on a batch, and
synchronise. Everything else that the training loop needs is here. `Worker` itself trains its
network alone.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from loft.core.training.learner import Seen
    from loft.tickets.methods.interface import Setup


class Worker:
    """A worker that trains a network by SGD and synchronises with no one.

    Attributes:
        setup: network, settings and workers that it is built from.
        workers: all workers of the job, including this one.
        learner: the network that it trains, with its optimizer.
    """

    def __init__(self, setup: Setup, network: nn.Module) -> None:
        from loft.core.training.learner import Learner

        self.setup, self.workers = setup, setup.workers
        self.learner = Learner(network, setup.sgd, setup.compute, setup.workers.device)

    # The two functions of a worker

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take a step at learning rate `rate`. A GPU may still compute after the return."""
        self.learner.step(images, labels, rate)

    def synchronise(self, collect: bool) -> None:
        """Merge the workers' networks.

        If `collect`, rank 0 then holds all weights of the global model.
        """

    # Functions that a method may override

    @property
    def order(self) -> int:
        """Rank of the worker whose data order this worker uses."""
        return self.workers.rank

    def network(self) -> nn.Module:
        """Return this worker's network with the weights of its next step."""
        return self.learner.model

    def merged_network(self) -> nn.Module:
        """Return the global model, on this worker's device.

        Only for rank 0, after a synchronisation with `collect`. Read it before the next step and do
        not change it: its tensors may be the worker's own.
        """
        return copy.deepcopy(self.learner.model)

    def state(self) -> dict[str, Tensor]:
        """Return the tensors that this worker's next steps depend on."""
        return self.learner.state()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state` returned, with the same bits."""
        self.learner.load_state(state)

    # Functions that are the same for all methods

    @property
    def seen(self) -> Seen:
        """Loss and accuracy of this worker's steps; empty if another worker computes the loss."""
        return self.learner.seen

    @property
    def parameters(self) -> int:
        """Number of parameters that this worker trains."""
        from loft.core.training.learner import count_parameters

        return count_parameters(self.learner.model)

    @property
    def local_iterations(self) -> int | None:
        """Steps between synchronisations; None if workers synchronise once an epoch."""
        length: int | None = self.setup.options.round_length()
        return length

    def global_model(self, calibrated: bool) -> nn.Module:
        """Return `merged_network`, with BatchNorm ready for evaluation if `calibrated`."""
        from loft.core.training.learner import recalibrate_batch_norm

        model = self.merged_network()
        if calibrated and self.setup.options.recalibrates:
            precision, device = self.setup.compute.precision, self.workers.device
            recalibrate_batch_norm(model, self.setup.calibration(), precision, device)
        return model
