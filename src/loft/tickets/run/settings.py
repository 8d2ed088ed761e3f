"""Define the settings of this study, by section of the params file."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, create_model

from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.schema import Settings
from loft.core.settings.shared import SgdSettings
from loft.core.settings.values import Distinct
from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import Method, find
from loft.tickets.pruning.job import Ratio

OF_THE_PAPER = ("dense", "gpipe", "local_sgd", "loft")  # the methods that the paper compares


class AnyMethods(Settings):
    """The pretraining methods of a run. A method without its key is left out."""

    def given(self) -> dict[str, Method]:
        """Return the options of the run's methods and of their variants, by name."""
        found: dict[str, Method] = {}
        for name, options in self:
            if options is not None:
                found[name] = options
                found |= {f"{name}.{own}": other for own, other in options.variants.items()}
        return found


if TYPE_CHECKING:
    Methods = AnyMethods
else:
    Methods = create_model(
        "Methods",
        __base__=AnyMethods,
        **{
            name: (
                find(name) | None,
                key(
                    None,
                    "its options; null: it is left out",
                    source=PAPER if name in OF_THE_PAPER else OURS,
                    neutral=None,
                ),
            )
            for name in METHODS
        },
    )


class PretrainSettings(Settings):
    """Length, evaluation and optimizer of pretraining.

    `methods.<name>.learning_rate` replaces `sgd.learning_rate` for one method.
    """

    epochs: PositiveInt = key(
        20, "length of pretraining", unit="epochs", source=f"{PAPER}, section 6"
    )
    snapshot_every: PositiveInt = key(
        5, "time between snapshots of the weights", unit="epochs", source=f"{PAPER}, section 6"
    )
    evaluate_every: PositiveInt = key(
        5,
        "time between evaluations; snapshots and the last epoch are always evaluated",
        unit="epochs",
        source=OURS,
    )
    calibration_images: PositiveInt = key(
        1024,
        "training images that `batch_norm: recalibrate` measures statistics on",
        unit="images",
        source=OURS,
    )
    sgd: SgdSettings = key(SgdSettings(), "the optimizer", source=OURS)


class RatesSettings(Settings):
    """Pretrain at each rate of a grid, and compare the losses on images held out of training.

    The table `learning-rates.csv` has the losses; `methods.<name>.learning_rate` says which rate a
    run uses.
    """

    grid: Annotated[Distinct[PositiveFloat], Field(min_length=2)] = key(
        ..., "learning rates, ascending, the same for every method", source=OURS
    )
    held_out: PositiveInt = key(
        ...,
        "training images that are left out of these pretrainings and tested on",
        unit="images",
        source=OURS,
    )
    cells: Distinct[str] = key(
        [], "pretrainings to compare rates of, such as loft-2; none named: all", source=OURS
    )
    seeds: Annotated[Distinct[NonNegativeInt], Field(min_length=1)] = key(
        [0], "seeds of these pretrainings", source=OURS
    )


class WorkerChangesSettings(Settings):
    """Measure what workers change in a round, for the study of gradient diversity."""

    cells: Annotated[Distinct[str], Field(min_length=1)] = key(
        ..., "pretrainings that are measured, such as loft-2", source=OURS
    )
    iterations: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        ..., "local steps after which the workers' changes are added up, ascending", source=OURS
    )
    samples: Annotated[int, Field(ge=2)] = key(
        ...,
        "images of each worker, among those that it sees, whose gradients are added up",
        unit="images",
        source=OURS,
    )


class PruneSettings(Settings):
    """Ratios and criterion by which tickets are pruned from every snapshot."""

    ratios: Annotated[Distinct[Ratio], Field(min_length=1)] = key(
        [0.5, 0.8],
        "shares of the filters that are removed, each a column of Table 1",
        source=f"{PAPER}, section 6; 0.3 too on ImageNet",
    )
    criterion: str = key(
        "l2",
        "what filters are ranked by: l2, early_bird, synflow, random or another of "
        "tickets/network/criteria",
        source=PAPER,
    )
    multiple: PositiveInt = key(
        1,
        "the number of filters that a layer keeps is rounded up to a multiple of this; 16 suits "
        "vector units",
        unit="filters",
        source=OURS,
    )


class EarlySettings(Settings):
    """The tickets of earlier snapshots that are fine-tuned (Figure 5)."""

    cells: Distinct[str] = key(
        [],
        "cells whose tickets of earlier snapshots are fine-tuned, such as loft-2",
        source=f"{PAPER}, Figure 5",
    )
    ratios: Distinct[Ratio] = key([0.8], "ratios of these tickets", source=f"{PAPER}, Figure 5")


class FinetuneSgdSettings(SgdSettings):
    """Stochastic gradient descent that starts at half of pretraining's learning rate."""

    learning_rate: Annotated[float, Field(gt=0)] = key(
        0.05, "learning rate at the start; a cosine takes it down to 0", source=OURS
    )


class FinetuneSettings(Settings):
    """Length, evaluation and optimizer of fine-tuning."""

    epochs: PositiveInt = key(
        90, "length of fine-tuning", unit="epochs", source=f"{PAPER}, section 6"
    )
    evaluate_every: PositiveInt = key(
        10,
        "time between evaluations; the last epoch is always evaluated",
        unit="epochs",
        source=OURS,
    )
    sgd: FinetuneSgdSettings = key(FinetuneSgdSettings(), "the optimizer", source=OURS)
    lengths: Distinct[PositiveInt] = key(
        [],
        "other lengths of fine-tuning, for the last snapshot's tickets, to see whether their order "
        "depends on it",
        unit="epochs",
        source=OURS,
        neutral=[],
    )
    keep: Literal["last", "none"] = key(
        "last",
        "fine-tuned networks that are kept: those of the last snapshot's tickets, or none",
        source=OURS,
        neutral="none",
    )
    early: EarlySettings = key(
        EarlySettings(), "tickets of earlier snapshots", source=f"{PAPER}, Figure 5"
    )
