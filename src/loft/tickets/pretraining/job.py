"""Define the settings of the steps of pretraining: exactly the values that they use."""

from typing import Any

from pydantic import (
    NonNegativeInt,
    PositiveInt,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
)

from loft.core.data.settings import AugmentSettings
from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.settings.values import Distinct
from loft.models import ModelSettings
from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import Method, find


class PretrainJob(Settings):
    """The settings of `loft pretrain`.

    `cell` names the results. If `trained_by` names another cell, the training is not repeated: only
    `measured_steps` steps are taken, to measure bytes, memory and time, and no weights are written.
    `held_out` training images are left out of training and take the place of the test images.
    """

    run: str
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
    held_out: NonNegativeInt = key(
        0, "training images that are left out of training and tested on", source=OURS, neutral=0
    )

    @field_validator("options", mode="before")
    @classmethod
    def _of_the_method(cls, values: Any, known: ValidationInfo) -> Any:
        """Read the options with the method's class."""
        name = known.data.get("method", "")
        if name not in METHODS:
            return values
        return find(name).model_validate(values, context=known.context)


class WorkerChangesJob(Settings):
    """The settings of `loft updates`: the pretraining, and what to measure from its snapshots.

    `iterations`: numbers of local iterations after which the workers' changes are added up.
    `samples`: images of each worker's batches whose gradients are added up.
    """

    pretraining: PretrainJob
    iterations: Distinct[PositiveInt]
    samples: PositiveInt
