"""What the steps of pruning and of distances are told: exactly the values that they use."""

from typing import Annotated

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveInt,
)

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.tickets.results.cells import Control

Ratio = Annotated[float, Field(gt=0, lt=1)]  # fraction of filters removed


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

    def facts(self) -> dict[str, float]:
        """Return what tells the ticket from others, for lines of measurements."""
        return {"snapshot": self.snapshot, "ratio": self.ratio, "multiple": self.multiple}


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
