"""Define the settings of the step of fine-tuning: exactly the values that it uses."""

from pydantic import (
    NonNegativeInt,
    PositiveInt,
)

from loft.core.data.settings import AugmentSettings
from loft.core.settings.schema import Settings
from loft.core.settings.shared import ComputeSettings, SgdSettings
from loft.core.settings.values import Distinct
from loft.tickets.pruning.job import TicketName


class FinetuneJob(Settings):
    """The settings of `loft finetune`: tickets of one pretraining, and how to train them.

    `kept`: the tickets whose networks are kept after fine-tuning.
    """

    run: str
    tickets: Distinct[TicketName]
    kept: Distinct[TicketName]
    seed: NonNegativeInt
    epochs: PositiveInt
    evaluate_every: PositiveInt
    sgd: SgdSettings
    augment: AugmentSettings
    compute: ComputeSettings
