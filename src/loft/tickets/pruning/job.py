"""Define the settings of the steps of pruning and distances: exactly the values that they use."""

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
    """The settings of `loft prune`: snapshots, ratios and criterion.

    `multiple`: the number of filters that stay is rounded up to a multiple of this.
    """

    epochs: Distinct[NonNegativeInt]
    ratios: Distinct[Ratio]
    criterion: str
    multiple: PositiveInt


class ControlJob(Settings):
    """The settings of `loft control`: the control, its snapshot and ratios."""

    control: Control
    epoch: NonNegativeInt
    ratios: Distinct[Ratio]
    multiple: PositiveInt


class TicketName(Settings):
    """The name of a ticket of a pretraining: its snapshot, and how it was pruned."""

    snapshot: NonNegativeInt  # epochs of pretraining
    ratio: Ratio  # share of filters removed
    multiple: PositiveInt  # the number of filters that stay is rounded up to a multiple of this


class DistanceJob(Settings):
    """The settings of `loft distance`: Early-Bird's masks, and when pretraining could stop."""

    mask_ratio: Ratio = key(
        0.5,
        "share of channels, of all BatchNorms together, that Early-Bird's mask prunes",
        source=f"{OURS}; one of Early-Bird's",
    )
    mask_threshold: Annotated[float, Field(gt=0, le=1)] = key(
        0.1,
        "pretraining could stop when the masks differ in less than this share of all channels",
        source=EARLY_BIRD,
    )
    filter_threshold: Annotated[float, Field(gt=0, le=1)] = key(
        0.2,
        "pretraining could stop when the distance is below this share of the distance between "
        "random rankings",
        source=OURS,
    )
    window: PositiveInt = key(
        5,
        "consecutive distances that must all be below the threshold",
        unit="epochs",
        source=EARLY_BIRD,
    )
