"""Define the settings of the steps of tables and figures: exactly the values that they use."""

from typing import Annotated

from pydantic import (
    Field,
)

from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct


class VerdictSettings(Settings):
    """Margin and confidence of verdicts; see `verdicts.judging`."""

    margin: Annotated[float, Field(gt=0)] = key(
        0.8,
        "difference that counts as equal; about the noise of one seed in the paper",
        unit="points of accuracy",
        source=OURS,
    )
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = key(
        0.95, "confidence of each one-sided test", source=OURS
    )


class TableJob(Settings):
    """The settings of `loft table`: the rule of verdicts."""

    verdict: VerdictSettings


class LearningRatesJob(Settings):
    """The settings of `loft learning-rates`: the learning rate that each cell is trained with."""

    used: dict[str, float]


class FiguresJob(Settings):
    """The settings of `loft figures`: the cells of Figure 5."""

    cells: Distinct[str]
