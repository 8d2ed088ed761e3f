"""Check the lines of rounds of local training."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from loft.core.reporting.checked_lines import (
    Above,
    Checked,
    Count,
    First,
    Key,
    Number,
    Positive,
    Steps,
)
from loft.core.settings.values import Text
from loft.diversity.line_schema.trainings import all_of


class Model(Checked):
    """A network's name."""

    name: Text


class Updates(First):
    """The line of a job that took a round from every snapshot of a pretraining."""

    key: ClassVar[Key] = ("model", "cell", "seed")

    model: Model
    cell: Text
    seed: Count
    workers: Positive
    batch_size: Positive
    snapshots: list[Count]
    local_iterations: list[Positive]

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        epochs = self.snapshots
        ranks = {(epoch, rank) for epoch in epochs for rank in range(self.workers)}
        yield from all_of("gradients", lines["gradients"], ranks)
        after = {(epoch, count) for epoch in epochs for count in self.local_iterations}
        yield from all_of("updates", lines["updates"], after)


class Gradients(Checked):
    """Sums over the gradients of a worker's images."""

    key: ClassVar[Key] = ("epoch", "rank")

    epoch: Count
    rank: Count
    samples: Positive
    squares: Above
    together: Above


class Changes(Checked):
    """Sums over the workers' changes."""

    key: ClassVar[Key] = ("epoch", "iterations")

    epoch: Count
    iterations: Positive
    shared_squares: Above
    shared_together: Above
    partitioned_squares: Number  # of rounding alone where nothing is partitioned


ROUNDS: Steps = {"updates": {"job": Updates, "gradients": Gradients, "updates": Changes}}
