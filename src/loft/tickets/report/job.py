"""Define the settings of the steps of tables and figures: exactly the values that they use."""

from typing import Annotated

from pydantic import Field

from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct


class VerdictSettings(Settings):
    """When two accuracies count as equal, and how sure a verdict must be."""

    margin: Annotated[float, Field(gt=0)] = key(
        0.8,
        "difference that counts as equal, at most; about the noise of one seed in the paper",
        unit="points of accuracy",
        source=OURS,
    )
    margin_share: Annotated[float, Field(gt=0, le=1)] = key(
        0.15,
        "difference that counts as equal, as a share of the dense column's error rate; the "
        "smaller of this and `margin` is used",
        source=f"{OURS}; 0.8 points are 0.14 of the paper's on CIFAR-10",
        neutral=1.0,
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = key(
        0.95, "confidence of each one-sided test, after Holm's correction", source=OURS
    )
    power: Annotated[float, Field(gt=0.5, lt=1)] = key(
        0.8,
        "an undecided verdict says how many seeds give a verdict with this probability",
        source=f"{OURS}; the usual value (Cohen 1988)",
        neutral=0.8,
    )


class TableJob(Settings):
    """The settings of `loft table`: the rule of verdicts, and how many images are tested on."""

    verdict: VerdictSettings
    test_images: int | None = key(
        None, "images that accuracies are measured on; null: all", source=OURS, neutral=None
    )


class LearningRatesJob(Settings):
    """The settings of `loft learning-rates`: the learning rate that each cell is trained with."""

    used: dict[str, float]


class FiguresJob(Settings):
    """The settings of `loft figures`: the cells of Figure 5."""

    cells: Distinct[str]
