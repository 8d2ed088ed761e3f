"""What a params file says of each pretraining method."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct


class MethodOptions(Settings):
    """Options of a pretraining method that has none of its own."""

    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)]

    def divisor(self, workers: int) -> int:
        """Return what the merged network's partitioned branches are divided by."""
        return 1


class GPipeOptions(MethodOptions):
    """`microbatches` a batch is cut into; BatchNorm sees each by itself.

    However many the stages, the training is the same, and with one micro-batch it is the dense
    one. `measured_steps` are taken in real pipelines that would only repeat another cell's.
    """

    workers: Annotated[Distinct[Annotated[int, Field(ge=2)]], Field(min_length=1)]
    microbatches: PositiveInt
    measured_steps: PositiveInt


class LocalSgdOptions(MethodOptions):
    """`batch_norm` says where the merged network's running statistics come from."""

    local_iterations: PositiveInt
    batch_norm: Literal["recalibrate", "average", "carry"]


class LoftOptions(LocalSgdOptions):
    """`aggregation`: through rank 0, or from worker to worker, with the same result.

    `momentum`: at a re-partition start anew, or let buffers travel with their filters.

    `branch_scale` multiplies the merged network's partitioned branches: S workers trained with
    1/S of a branch's channels each, and the merged network adds up all of them.
    """

    aggregation: Literal["star", "direct"]
    momentum: Literal["reset", "carry"]
    branch_scale: Literal["one", "inverse_workers"]

    def divisor(self, workers: int) -> int:
        return workers if self.branch_scale == "inverse_workers" else 1
