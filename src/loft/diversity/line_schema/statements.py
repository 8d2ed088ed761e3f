"""Check the lines of the paper's statements."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from loft.core.reporting.checked_lines import (
    Above,
    Amount,
    Checked,
    Count,
    First,
    Key,
    Number,
    Positive,
    counted,
)
from loft.core.settings.values import Text
from loft.diversity.line_schema.trainings import Name
from loft.diversity.theorems import THEOREMS

Found = Annotated[list[Number], Field(min_length=1)]
BOUNDS, MECHANISMS = 4, 8  # lines: two cases and three mechanisms, each in its places


class Statements(First):
    """The line of the job that tested the paper's statements on problems.

    `deltas` are those that each theorem was tried with, and `stability_batches` batch sizes of
    Theorem 5 beside 1, over the bound.
    """

    deltas: list[Number]
    stability_batches: list[Number]

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        expected = {
            "convergence": len(THEOREMS) * len(self.deltas),
            "stability": len(self.stability_batches) + 1,
            "bound": BOUNDS,
            "mechanism": MECHANISMS,
        }
        for kind, count in expected.items():
            yield from counted(len(lines[kind]), count, kind)
        if not any(line.batch == 1 for line in lines["stability"]):
            yield "found no line of kind 'stability' of batch 1"


class Convergence(Checked):
    """A theorem, with a batch size."""

    key: ClassVar[Key] = None  # a delta that is asked for may be one that runs anyway

    theorem: Text
    delta: Amount
    batch: Positive
    largest_batch: Amount
    updates: Count
    promised: Number | None
    inside: bool
    attained: Found


class Stable(Checked):
    """Theorem 5, with a batch size."""

    key: ClassVar[Key] = None  # several batch sizes may round to the same number

    batch: Positive
    step: Above
    updates: Count
    least_bound: Number
    bound: Number
    distances: Found
    gaps: Found

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.batch == 1 and not (any(self.distances) and any(self.gaps)):
            raise ValueError("distances, gaps: found 0 at batch 1; expected what others are over")
        return self


class Bound(Checked):
    """A bound and the smallest measured value."""

    key: ClassVar[Key] = ("case", "definition")

    case: Text
    definition: Positive
    weights: Positive
    bound: Number
    least: Number


class Mechanism(Checked):
    """The bound with a mechanism."""

    key: ClassVar[Key] = ("mechanism", "definition", "weights")

    mechanism: Name
    definition: Positive
    weights: Text
    samples: Positive
    bound: Number
    expected: Number
    drawn: Number
