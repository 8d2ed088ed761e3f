"""What the steps of pretraining are told: exactly the values that they use."""

from typing import Any

from pydantic import (
    NonNegativeInt,
    PositiveInt,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
)

from loft.core.data.settings import AugmentSettings
from loft.core.settings.schema import Settings
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.settings.values import Distinct
from loft.models import ModelSettings
from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import Method, find


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
    options: SerializeAsAny[Method]
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
        name = known.data.get("method", "")
        if name not in METHODS:
            return values
        return find(name).model_validate(values, context=known.context)


class UpdatesJob(Settings):
    """What `loft updates` is told: from which pretraining's snapshots, and what to measure.

    `iterations`: after how many local ones the workers' changes are added up.
    `samples`: images of each worker, among those that it sees, whose gradients are added up.
    """

    pretraining: PretrainJob
    iterations: Distinct[PositiveInt]
    samples: PositiveInt
