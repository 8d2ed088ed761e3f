"""What the steps of pruning and of distances are told: exactly the values that they use."""

from typing import Annotated

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveInt,
)

from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.tickets.results.cells import Control

EARLY_BIRD = "Early-Bird (You et al., 2019)"
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


class DistanceJob(Settings):
    """What `loft distance` is told: Early-Bird's masks, and when consecutive epochs are alike."""

    mask_ratio: Ratio = key(
        0.5,
        "share of channels, of all BatchNorms together, that Early-Bird's mask prunes",
        source=f"{OURS}; one of Early-Bird's",
    )
    mask_threshold: Annotated[float, Field(gt=0, le=1)] = key(
        0.1, "distance between masks to stop below, as a share of all channels", source=EARLY_BIRD
    )
    filter_threshold: Annotated[float, Field(gt=0, le=1)] = key(
        0.2,
        "distance between rankings to stop below, as a share of that between random ones",
        source=OURS,
    )
    window: PositiveInt = key(
        5,
        "consecutive distances that must all be below the threshold",
        unit="epochs",
        source=EARLY_BIRD,
    )
