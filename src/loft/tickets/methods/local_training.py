"""Define the options of methods whose workers train their own networks and then merge them."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from loft.core.settings.keys import DECODED, OURS, key
from loft.core.settings.values import Distinct
from loft.tickets.methods.interface import TABLE_1, Method

Momentum = Literal["reset", "local", "carry"]
MOMENTUM_RULES = (
    "momentum at a synchronisation: starts anew; stays with the worker, as far as it keeps the "
    "weights; or travels with the weights"
)


class LocalTraining(Method):
    """Workers train alone for `local_iterations` steps, then their networks are merged.

    All such methods have the same three rules for momentum at a synchronisation:

    * `reset`: every buffer starts anew.
    * `local`: a worker keeps the buffers of the weights that it keeps. What all workers share stays
      with each; a filter's buffer stays where the filter stays, and is lost where it moves.
    * `carry`: buffers are averaged or moved like their weights, and are counted in bytes.
    """

    momentum: Momentum

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
