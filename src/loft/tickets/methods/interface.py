"""What a method is built from and what it offers; any class that fits is one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

from loft.core.processes.workers import Workers
from loft.core.settings.lookup import load
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.training.learner import Seen
from loft.tickets.methods import METHODS


@dataclass(frozen=True)
class Setup:
    """What a method is built from.

    Attributes:
        build: makes the run's network with the given inner widths of blocks (none: full), with the
            seed's initial weights or, unless `initialise`, without values on "meta".
        calibration: yields the training images for re-estimated BatchNorm statistics.
        image: shape (channels, height, width) of an image.
        options: the method's own options, as its class in `METHODS`.
    """

    build: Callable[..., nn.Sequential]
    calibration: Callable[[], Iterator[Tensor]]
    image: tuple[int, int, int]
    options: Any
    seed: int
    sgd: SgdSettings
    compute: ComputeSettings
    workers: Workers


class Method(Protocol):
    """One worker's side of a pretraining method.

    Attributes:
        parameters: how many parameters this worker trains.
        order: whose order of the data this worker follows, a worker's number.
        local_iterations: steps between synchronisations; None: once an epoch.
        seen: what this worker's steps saw; nothing where the loss is elsewhere.
    """

    parameters: int
    order: int
    local_iterations: int | None
    seen: Seen

    def step(self, images: Tensor, labels: Tensor, rate: float) -> None:
        """Take a step at learning rate `rate`. On a GPU it may go on after the return."""

    def synchronise(self, collect: bool) -> None:
        """Bring the workers together.

        If `collect`, rank 0 afterwards holds the global model's weights whole.
        """

    def global_model(self, calibrated: bool) -> nn.Module:
        """Return the global model, with BatchNorm ready for evaluation if `calibrated`.

        Rank 0 only, after a synchronisation that collected it. It is to be read, and before the
        next step: its tensors may be the method's own.
        """

    def state(self) -> dict[str, Tensor]:
        """Return all that this worker's next steps depend on."""

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Go on from what `state` returned, with the same bits."""


class Local(Method, Protocol):
    """A method whose workers train networks of their own between synchronisations."""

    def network(self) -> nn.Module:
        """Return this worker's network with the weights that its next step begins with."""


def create(name: str, setup: Setup) -> Method:
    """Build the method called `name` for this worker."""
    method: Method = load(METHODS[name].cls)(setup)
    return method


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers are trained."""
    return sum(parameter.numel() for parameter in model.parameters())
