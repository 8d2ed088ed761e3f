"""What the steps of tables and figures are told: exactly the values that they use."""

from typing import Annotated

from pydantic import (
    Field,
)

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct


class VerdictSettings(Settings):
    """When accuracies count as equal, and how sure to be of it: see `verdicts.judging`."""

    margin: Annotated[float, Field(gt=0)]  # points of accuracy
    confidence: Annotated[float, Field(gt=0.5, lt=1)]


class TableJob(Settings):
    """What `loft table` is told: how verdicts are given."""

    verdict: VerdictSettings


class FiguresJob(Settings):
    """What `loft figures` is told: the cells of Figure 5."""

    cells: Distinct[str]
