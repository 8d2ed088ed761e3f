"""Define the lines of distances between epochs."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from loft.core.reporting.checked_lines import (
    Above,
    Amount,
    Checked,
    Count,
    First,
    Key,
    Positive,
    counted,
)
from loft.core.settings.values import Text, shown
from loft.tickets.results.schema.names import WHOSE, CellName

NORMS = ("l1", "l2", "max")  # norms that filters are ranked by
BETWEEN = ("filters", "masks")  # kinds of distances from an epoch to the next


class Distances(First):
    """The first line of a seed's distances, with the thresholds of the stopping rules."""

    key: ClassVar[Key] = ("seed",)

    seed: Count
    mask_threshold: Above
    filter_threshold: Above
    window: Positive

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Yield a fault where a pretraining lacks a norm or a kind of distance."""
        for kind, name, wanted in (
            ("distance", "norm", NORMS),
            ("consecutive", "of", BETWEEN),
        ):
            yield from counted(len(lines[kind]), self._pretrainings(lines) * len(wanted), kind)
            for line in lines[kind]:
                if getattr(line, name) not in wanted:
                    yield f"found {name} {getattr(line, name)}; expected one of {', '.join(wanted)}"
        lengths: dict[tuple[Any, ...], int] = {}
        for line in lines["distance"]:
            if lengths.setdefault(line.whose(), line.to_epoch) != line.to_epoch:
                yield f"found distances to different epochs of {' '.join(map(str, line.whose()))}"
        for line in lines["consecutive"]:
            found = len(line.distances) + line.from_epoch
            if lengths.get(line.whose()) != found:
                yield f"found distances to epoch {found} of {' '.join(map(str, line.whose()))}"

    def _pretrainings(self, lines: Mapping[str, list[Any]]) -> int:
        return len({line.whose() for kind in ("distance", "consecutive") for line in lines[kind]})


class OfPretraining(Checked):
    """A line about one pretraining, which it names."""

    key: ClassVar[Key] = WHOSE

    model: Text
    dataset: Text
    cell: CellName
    seed: Count

    def whose(self) -> tuple[Any, ...]:
        """Return what identifies the pretraining."""
        return (self.model, self.dataset, self.cell, self.seed)


class Distance(OfPretraining):
    """Filter distances from every epoch to the last, by one norm."""

    key: ClassVar[Key] = (*WHOSE, "norm")

    norm: Text
    to_epoch: Positive
    mean: list[Amount]
    layers: dict[str, list[Amount]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_every_epoch(self) -> Self:
        if self.norm == "l2" and not self.layers:
            raise ValueError("layers: missing")
        for name, values in {"mean": self.mean, **self.layers}.items():
            if len(values) != self.to_epoch + 1:
                found = f"{shown(name)}: found {len(values)} distances"
                raise ValueError(f"{found}; expected {self.to_epoch + 1}, by to_epoch")
        return self


class Consecutive(OfPretraining):
    """Distances from every epoch to the next."""

    key: ClassVar[Key] = (*WHOSE, "of")

    of: Text
    from_epoch: Count
    distances: list[Amount]
