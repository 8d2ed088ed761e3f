"""What each step of the tickets study is told: exactly the values that it uses.

Rules pass them as JSON, one of the `*Job` classes, so that changing a value in a params file reruns
what depends on it and nothing else.
"""

from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveInt,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
)

from loft.core.config import ComputeSettings, Settings, SgdSettings
from loft.core.kinds import AugmentSettings
from loft.core.named import load
from loft.core.values import Distinct
from loft.models import ModelSettings
from loft.tickets.methods import METHODS
from loft.tickets.methods.options import MethodOptions

Ratio = Annotated[float, Field(gt=0, lt=1)]  # fraction of filters removed

Control = Literal["random", "scratch"]
CONTROLS = get_args(Control)  # tickets that no pretraining chose, named like cells
TITLES = {name: method.title for name, method in METHODS.items()} | {
    "random": "Random ticket",
    "scratch": "From scratch",
}

CALIBRATION_BATCH = 128  # images at a time
UNPRUNED = "unpruned"  # the run of the dense column, named like a cell


class Cell(NamedTuple):
    """A pretraining method and its number of workers: one row of Table 1."""

    method: str
    workers: int

    @property
    def name(self) -> str:
        """How paths and figures call it: `dense`, `loft-4`."""
        return self.method if self.method == "dense" else f"{self.method}-{self.workers}"

    @classmethod
    def parse(cls, name: str) -> "Cell":
        method, _, workers = name.partition("-")
        return cls(method, int(workers or 1))


class PretrainJob(Settings):
    """What `loft pretrain` is told: how, and after which epochs to keep the weights.

    `cell` is the name that results go by. Where another cell's training is `trained_by`, so that
    it need not be repeated, only `measured_steps` real steps are taken, to count bytes, memory and
    time, and nothing is kept.
    """

    cell: str
    model: ModelSettings
    method: str
    workers: PositiveInt
    options: SerializeAsAny[MethodOptions]
    seed: NonNegativeInt
    epochs: PositiveInt
    snapshots: Distinct[NonNegativeInt]
    evaluate_every: PositiveInt
    calibration_images: PositiveInt
    sgd: SgdSettings
    augment: AugmentSettings
    compute: ComputeSettings
    trained_by: str | None
    measured_steps: PositiveInt | None

    @field_validator("options", mode="before")
    @classmethod
    def _of_the_method(cls, values: Any, known: ValidationInfo) -> Any:
        """Read options as the class that the method names."""
        method = METHODS.get(known.data.get("method", ""))
        return values if method is None else load(method.options).model_validate(values)


class UpdatesJob(Settings):
    """What `loft updates` is told: from which pretraining's snapshots, and what to measure.

    `iterations`: after how many local ones the workers' changes are added up.
    `samples`: images of each worker, among those that it sees, whose gradients are added up.
    """

    pretraining: PretrainJob
    iterations: Distinct[PositiveInt]
    samples: PositiveInt


class PruneJob(Settings):
    """What `loft prune` is told: which snapshots of pretrainings, at which ratios, by what.

    `multiple`: of which the numbers of filters that stay are to be.
    """

    epochs: Distinct[NonNegativeInt]
    ratios: Distinct[Ratio]
    criterion: str
    multiple: PositiveInt


class ControlJob(Settings):
    """What `loft control` is told: which control, of which snapshot, at which ratios."""

    control: Control
    epoch: NonNegativeInt
    ratios: Distinct[Ratio]
    multiple: PositiveInt


class TicketName(Settings):
    """A ticket among those of a pretraining: the snapshot it was cut from, and how."""

    snapshot: NonNegativeInt  # epochs of pretraining
    ratio: Ratio  # of filters removed
    multiple: PositiveInt  # to which those that stay are rounded up


class FinetuneJob(Settings):
    """What `loft finetune` is told: which tickets of one pretraining, and how to train them."""

    tickets: Distinct[TicketName]
    seed: NonNegativeInt
    epochs: PositiveInt
    evaluate_every: PositiveInt
    sgd: SgdSettings
    augment: AugmentSettings
    compute: ComputeSettings


class VerdictSettings(Settings):
    """When accuracies count as equal, and how sure to be of it: see `verdicts`."""

    margin: Annotated[float, Field(gt=0)]  # points of accuracy
    confidence: Annotated[float, Field(gt=0.5, lt=1)]


class TableJob(Settings):
    """What `loft table` is told: how verdicts are given."""

    verdict: VerdictSettings


class DistanceJob(Settings):
    """What `loft distance` is told: Early-Bird's masks, and when consecutive epochs are alike.

    `mask_ratio`: channels that a mask prunes, of all BatchNorms together.
    `mask_threshold`: between masks, a share of all channels; Early-Bird's.
    `filter_threshold`: between rankings, a share of the distance expected of random ones; ours.
    `window`: how many consecutive distances must all be below; Early-Bird's.
    """

    mask_ratio: Ratio
    mask_threshold: Annotated[float, Field(gt=0, le=1)]
    filter_threshold: Annotated[float, Field(gt=0, le=1)]
    window: PositiveInt


class FiguresJob(Settings):
    """What `loft figures` is told: the cells of Figure 5."""

    cells: Distinct[str]
