"""DiLoCo (Douillard et al., 2023): the workers' mean change is the gradient of an outer optimizer.

Between two synchronisations every worker trains the whole network as in Local SGD. A
synchronisation takes a step of SGD with Nesterov momentum on what the workers changed (Algorithm 1,
lines 10 to 14). With a rate of 1 and no momentum the step leads to the average of the workers'
networks, and the method is Local SGD, bit for bit.

The paper's inner optimizer is AdamW. Here it is that of all methods, SGD, so that only
synchronisations differ.

Legend: theta the weights after the last synchronisation, Delta the outer gradient, v the outer
momentum, eta and mu the outer learning rate and momentum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, PositiveFloat

from loft.core.settings.keys import key
from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.interface import Look, Setup, Sizes
from loft.tickets.methods.local_sgd import LocalSgd
from loft.tickets.methods.local_training import LocalWorker

if TYPE_CHECKING:
    from torch import Tensor, nn

    from loft.tickets.methods.worker import Worker

SOURCE = "DiLoCo (Douillard et al., 2023), section 3"


class DilocoWorker(LocalWorker):
    """A worker that takes outer steps; all workers keep the same theta and v."""

    _options: Diloco

    def __init__(self, setup: Setup) -> None:
        import torch

        from loft.tickets.methods.transfer import pack

        super().__init__(setup, setup.build())
        self._theta = pack(dict(self.learner.model.named_parameters()))  # (parameters,)
        self._momentum = torch.zeros_like(self._theta)  # v

    def synchronise(self, collect: bool) -> None:
        from loft.tickets.methods.transfer import pack, unpack

        self._free_momentum()
        own = self._own()
        mean = self.workers.average(pack(own))
        self._outer_step(mean[: len(self._theta)])  # parameters come first
        unpack(mean, own)

    def _outer_step(self, mean: Tensor) -> None:
        """Replace the workers' mean weights by the weights after the outer step, in place.

        theta - eta (Delta + mu v) with Delta = theta - mean is written as
        mean + (Delta - eta (Delta + mu v)), which is the mean itself where eta = 1 and mu = 0.
        """
        rate, momentum = self._options.outer_learning_rate, self._options.outer_momentum
        gradient = self._theta - mean
        self._momentum.mul_(momentum).add_(gradient)
        step = gradient.add(self._momentum, alpha=momentum)  # Nesterov
        mean.add_(gradient.sub_(step, alpha=rate))
        self._theta.copy_(mean)

    def state(self) -> dict[str, Tensor]:
        return super().state() | {"outer/theta": self._theta, "outer/momentum": self._momentum}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_state(state)
        self._theta.copy_(state["outer/theta"])
        self._momentum.copy_(state["outer/momentum"])


class Diloco(LocalSgd):
    """Local SGD with an outer optimizer, SGD with Nesterov momentum.

    Running statistics and momentum buffers, where they travel, are averaged as in Local SGD.
    """

    look = Look("DiLoCo", colour="#d55e00", mark="P")
    plain: ClassVar[Mapping[str, Any]] = {
        **LocalSgd.plain,
        "outer_learning_rate": 1.0,
        "outer_momentum": 0.0,
    }

    outer_learning_rate: PositiveFloat = key(
        0.7, "learning rate of the outer optimizer, constant", source=SOURCE
    )
    outer_momentum: Annotated[float, Field(ge=0, lt=1)] = key(
        0.9, "Nesterov momentum of the outer optimizer", source=SOURCE
    )

    def worker(self, setup: Setup) -> Worker:
        return DilocoWorker(setup)

    def kept_bytes(self, network: nn.Sequential) -> int:
        """Every worker keeps theta and v."""
        return 2 * FLOAT * sum(weight.numel() for weight in network.parameters())

    def synchronising_bytes(self, rank: int, own: Sizes, whole: Sizes) -> int:
        """Beside Local SGD's message: Delta and the outer step."""
        return super().synchronising_bytes(rank, own, whole) + 2 * FLOAT * own.parameters
