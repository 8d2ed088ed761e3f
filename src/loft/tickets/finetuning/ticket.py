"""Load a ticket, count its operations, and train it in a training loop."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from loft.core.training.learner import Learner
from loft.tickets.network.operations import forward_operations, training_operations
from loft.tickets.pruning.job import TicketName
from loft.tickets.pruning.tickets import read_ticket


@dataclass(frozen=True)
class Ticket:
    """A pruned network, and the contents of its JSON file (`about`)."""

    name: TicketName
    network: nn.Module
    about: dict[str, Any]

    @classmethod
    def load(cls, folder: Path, name: TicketName) -> "Ticket":
        """Read a ticket. Raises UserError if it is missing, damaged or another ticket."""
        network, weights, about = read_ticket(folder, name)
        network.load_state_dict(weights, assign=True)
        return cls(name, network, about)

    def flops(self, size: int) -> int:
        """Return the operations of a forward pass on one image, two to a multiply-add.

        Convolutions and the classifier count; BatchNorm, ReLU and additions do not.
        """
        return forward_operations(self.network, (self.about["channels"], size, size))

    def training_operations(self, size: int) -> int:
        """Return the operations of a forward and a backward pass on one image."""
        image = self.about["channels"], size, size
        return training_operations(copy.deepcopy(self.network).to("meta"), image)


class TicketTraining:
    """A ticket that one process trains by SGD; a `core.training.loop.Trainable`."""

    def __init__(self, learner: Learner) -> None:
        self._learner, self.seen = learner, learner.seen

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        self._learner.step(images, labels, rate)

    def synchronise(self, collect: bool) -> None:
        """Do nothing: there is no other worker."""

    def global_model(self, calibrated: bool) -> nn.Module:
        """Return the network itself, with the BatchNorm statistics of its training."""
        return self._learner.model

    def state(self) -> dict[str, Tensor]:
        return self._learner.state()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self._learner.load_state(state)
