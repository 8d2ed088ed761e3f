"""Plain SGD on the whole network in one process: what pretraining without workers gives."""

import copy
from collections.abc import Mapping

from torch import Tensor, nn

from loft.core.training.learner import Learner
from loft.tickets.methods.interface import Setup, count_parameters


class Dense:
    """The reference that the distributed methods are compared with."""

    order = 0
    local_iterations = None

    def __init__(self, setup: Setup) -> None:
        self._learner = Learner(setup.build(), setup.sgd, setup.compute, setup.workers.device)
        self.seen = self._learner.seen
        self.parameters = count_parameters(self._learner.model)

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        self._learner.step(images, labels, rate)

    def synchronise(self, collect: bool) -> None:
        """There is no one to synchronise with."""

    def global_model(self, calibrated: bool) -> nn.Module:
        return copy.deepcopy(self._learner.model)

    def state(self) -> dict[str, Tensor]:
        return self._learner.state()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self._learner.load_state(state)
