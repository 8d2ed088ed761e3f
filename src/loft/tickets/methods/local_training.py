"""Define the base classes of methods whose workers train their own networks and merge them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from loft.core.settings.keys import DECODED, OURS, key
from loft.core.settings.values import Distinct
from loft.tickets.methods.interface import TABLE_1, Method, Setup
from loft.tickets.methods.worker import Worker

if TYPE_CHECKING:
    from torch import Tensor, nn

Momentum = Literal["reset", "local", "carry"]


class LocalWorker(Worker):
    """A worker that trains its own network between two synchronisations."""

    _options: LocalTraining

    def __init__(self, setup: Setup, network: nn.Module) -> None:
        super().__init__(setup, network)
        self._options = setup.options
        self._names = self._options.exchanged(network)

    def _own(self) -> dict[str, Tensor]:
        """Return this worker's tensors that are sent, in order."""
        from loft.tickets.methods.transfer import MOMENTUM

        state = self.learner.model.state_dict()
        if self._options.carries_momentum:
            buffers = self.learner.momentum()
            state.update({MOMENTUM + name: tensor for name, tensor in buffers.items()})
        return {name: state[name] for name in self._names}

    def _free_momentum(self) -> None:
        """Reset momentum unless it is kept, before merging, which needs the memory."""
        if not self._options.keeps_momentum:
            self.learner.reset_momentum()


class LocalTraining(Method):
    """Workers train alone for `local_iterations` steps, then their networks are merged.

    All such methods have the same three rules for momentum at a synchronisation:

    * `reset`: every buffer starts anew.
    * `local`: a worker keeps the buffers of the weights that it keeps. What all workers share stays
      with each; a filter's buffer stays where the filter stays, and is lost where it moves.
    * `carry`: buffers are averaged or moved like their weights, and are counted in bytes.
    """

    plain: ClassVar[Mapping[str, Any]] = {"batch_norm": "carry", "momentum": "carry"}

    momentum: Momentum = key(
        "reset",
        "momentum at a synchronisation: starts anew; stays with the worker, as far as it keeps the "
        "weights; or travels with the weights",
        source=OURS,
        neutral="local",
    )
    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        [2, 4], "numbers of workers, each a row of Table 1", source=TABLE_1
    )
    local_iterations: PositiveInt = key(
        25,
        "steps of each worker between two synchronisations",
        unit="steps",
        source=f"{DECODED}; 52 on ImageNet",
    )
    batch_norm: Literal["recalibrate", "average", "carry"] = key(
        "recalibrate",
        "running statistics of the merged network: measured anew, the workers' mean, or rank 0's",
        source=OURS,
    )

    def partitioned(self, network: nn.Module) -> Mapping[str, int]:
        """Return the blocks whose filters are divided among workers, and their filters."""
        return {}

    def exchanged(self, network: nn.Module) -> list[str]:
        """Return the names of the tensors of a worker's network that are sent, in order."""
        from loft.tickets.methods.transfer import exchanged_tensors

        blocks = self.partitioned(network)
        return exchanged_tensors(network, self.batch_norm, blocks, self.carries_momentum)

    def round_length(self) -> int | None:
        return self.local_iterations

    @property
    def keeps_momentum(self) -> bool:
        return self.momentum != "reset"

    @property
    def carries_momentum(self) -> bool:
        """Whether momentum buffers travel between workers."""
        return self.momentum == "carry"

    @property
    def recalibrates(self) -> bool:
        return self.batch_norm == "recalibrate"
