"""What a params file says of each pretraining method."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from loft.core.settings.keys import DECODED, OURS, PAPER, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct


class MethodOptions(Settings):
    """Options of a pretraining method that has none of its own."""

    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        [1], "numbers of workers, each a row of Table 1", source="paper, Table 1"
    )

    def divisor(self, workers: int) -> int:
        """Return what the merged network's partitioned branches are divided by."""
        return 1


class GPipeOptions(MethodOptions):
    """`microbatches` a batch is cut into; BatchNorm sees each by itself.

    However many the stages, the training is the same, and with one micro-batch it is the dense
    one. `measured_steps` are taken in real pipelines that would only repeat another cell's.
    """

    workers: Annotated[Distinct[Annotated[int, Field(ge=2)]], Field(min_length=1)] = key(
        [2, 4], "numbers of workers, each a row of Table 1", source="paper, Table 1"
    )
    microbatches: PositiveInt = key(4, "parts that a batch is cut into", source=OURS)
    measured_steps: PositiveInt = key(
        100,
        "steps that count bytes, memory and time of a cell whose training is another's",
        unit="steps",
        source=OURS,
    )


class LocalSgdOptions(MethodOptions):
    """`batch_norm` says where the merged network's running statistics come from."""

    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        [2, 4], "numbers of workers, each a row of Table 1", source="paper, Table 1"
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


class LoftOptions(LocalSgdOptions):
    """`aggregation`: through rank 0, or from worker to worker, with the same result.

    `momentum`: at a re-partition start anew, or let buffers travel with their filters.

    `branch_scale` multiplies the merged network's partitioned branches: S workers trained with
    1/S of a branch's channels each, and the merged network adds up all of them.
    """

    aggregation: Literal["star", "direct"] = key(
        "star", "how filters travel: through rank 0, or from worker to worker", source=PAPER
    )
    momentum: Literal["reset", "carry"] = key(
        "reset",
        "momentum at a re-partition: starts anew, or moves with the filters",
        source=DECODED,
    )
    branch_scale: Literal["one", "inverse_workers"] = key(
        "inverse_workers",
        "factor of the merged network's partitioned branches: 1, or 1 / workers",
        source="paper, appendix A",
    )

    def divisor(self, workers: int) -> int:
        return workers if self.branch_scale == "inverse_workers" else 1
