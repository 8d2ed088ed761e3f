"""One worker's side of a pretraining method: what all methods have in common.

A method's own class is built from a `Setup` and offers two functions: take a step on a batch, and
synchronise. All else that a training loop asks for is here, once. A `Worker` as it stands trains
its network by itself.
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
        setup: what it is built from.
        workers: all workers of the job, this one among them.
        learner: the network that it trains, with its optimizer.
    """

    def __init__(self, setup: Setup, network: nn.Module) -> None:
        from loft.core.training.learner import Learner

        self.setup, self.workers = setup, setup.workers
        self.learner = Learner(network, setup.sgd, setup.compute, setup.workers.device)

    # The two functions of a method

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take a step at learning rate `rate`. On a GPU it may go on after the return."""
        self.learner.step(images, labels, rate)

    def synchronise(self, collect: bool) -> None:
        """Bring the workers together.

        If `collect`, rank 0 afterwards holds the global model's weights whole.
        """

    # What may differ from method to method beside them

    @property
    def order(self) -> int:
        """The worker whose order of the data this worker follows, by its rank."""
        return self.workers.rank

    def network(self) -> nn.Module:
        """Return this worker's network with the weights that its next step begins with."""
        return self.learner.model

    def merged_network(self) -> nn.Module:
        """Return the global model, on this worker's device.

        Rank 0 only, after a synchronisation that collected it. It is to be read, and before the
        next step: its tensors may be the worker's own.
        """
        return copy.deepcopy(self.learner.model)

    def state(self) -> dict[str, Tensor]:
        """Return all that this worker's next steps depend on."""
        return self.learner.state()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned, with the same bits."""
        self.learner.load_state(state)

    # What is the same for all methods

    @property
    def seen(self) -> Seen:
        """What this worker's steps saw; nothing where the loss is on another worker."""
        return self.learner.seen

    @property
    def parameters(self) -> int:
        """How many numbers this worker trains."""
        from loft.core.training.learner import count_parameters

        return count_parameters(self.learner.model)

    @property
    def local_iterations(self) -> int | None:
        """Steps between synchronisations; None: workers synchronise once an epoch."""
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
