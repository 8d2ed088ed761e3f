"""The sections of a run's params file that belong to this study."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, PositiveInt, create_model

from loft.core.settings.schema import Settings
from loft.core.settings.shared import SgdSettings
from loft.core.settings.values import Distinct
from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import Method, find
from loft.tickets.pruning.job import Ratio


class AnyMethods(Settings):
    """The pretraining methods of a run; leave one out by leaving out its key."""

    def given(self) -> dict[str, Method]:
        """Return the options of the methods that the run has."""
        return {name: options for name, options in self if options is not None}


if TYPE_CHECKING:
    Methods = AnyMethods
else:
    Methods = create_model(
        "Methods",
        __base__=AnyMethods,
        **{name: (find(name) | None, None) for name in METHODS},
    )


class PretrainSettings(Settings):
    """How long and how to pretrain, the same for all methods."""

    epochs: PositiveInt
    snapshot_every: PositiveInt  # epochs
    evaluate_every: PositiveInt  # epochs; snapshots and the last epoch are always evaluated
    calibration_images: PositiveInt
    sgd: SgdSettings


class UpdatesSettings(Settings):
    """Whose changes in a round are measured, for the study of gradient diversity."""

    cells: Annotated[Distinct[str], Field(min_length=1)]
    iterations: Annotated[Distinct[PositiveInt], Field(min_length=1)]  # local ones, ascending
    samples: Annotated[int, Field(ge=2)]  # of each worker, among the images that it sees


class PruneSettings(Settings):
    """Which tickets are cut out of every snapshot, by which criterion.

    `multiple`: each layer keeps a multiple of so many filters, rounded up, or all.
    """

    ratios: Annotated[Distinct[Ratio], Field(min_length=1)]
    criterion: str
    multiple: PositiveInt


class EarlySettings(Settings):
    """Which tickets of snapshots before the last are fine-tuned (Figure 5)."""

    cells: Distinct[str]
    ratios: Distinct[Ratio]


class FinetuneSettings(Settings):
    """How tickets are trained to the end."""

    epochs: PositiveInt
    evaluate_every: PositiveInt
    sgd: SgdSettings
    early: EarlySettings
