"""What lines of a pretraining must hold."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from loft.core.reporting.checked_lines import (
    Amount,
    Checked,
    Count,
    First,
    Key,
    Number,
    Percent,
    Positive,
    Text,
    counted,
)
from loft.models import ModelSettings
from loft.tickets.results.schema.names import WHOSE, CellName


class Network(Checked):
    """A network's name and width; lines say more where it has options of its own."""

    name: Text
    width: Positive


class Own(First):
    """The first line of a training's lines: whose they are, and how long it was to be."""

    key: ClassVar[Key] = WHOSE

    model: Network
    dataset: Text
    cell: CellName
    seed: Count
    epochs: Positive


class Pretrained(Own):
    """The first line of a pretraining."""

    size: Positive
    workers: Positive
    batch_size: Positive
    iterations_per_epoch: Positive
    trained_by: CellName | None

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Every epoch is there, the last one tested, unless the training is another cell's."""
        epochs = 0 if self.trained_by else self.epochs
        yield from counted(len(lines["result"]), 1, "result")
        yield from counted(len(lines["worker"]), self.workers, "worker")
        yield from counted(len(lines["epoch"]), epochs, "epoch")
        for number, line in enumerate(lines["epoch"], start=1):
            if line.epoch != number:
                yield f"found epoch {line.epoch} in place of epoch {number}"
        if epochs and lines["epoch"] and lines["epoch"][-1].test_accuracy is None:
            yield "found no test accuracy of the last epoch"


class Recorded(First):
    """The first line of a pretraining, for who reads its record of norms."""

    model: ModelSettings
    dataset: Text
    cell: CellName
    seed: Count
    channels: Positive
    size: Positive
    classes: Positive
    epochs: Positive


class Epoch(Checked):
    """What an epoch of pretraining measured."""

    key: ClassVar[Key] = ("epoch",)

    epoch: Positive
    loss: Number
    train_accuracy: Percent
    test_accuracy: Percent | None
    bytes_sent: Count


class Worker(Checked):
    """What a worker needed."""

    key: ClassVar[Key] = ("rank",)

    rank: Count
    parameters: Positive
    bytes_sent: Count


class Measured(Checked):
    """Real steps in place of a training that is another cell's."""


class Result(Checked):
    """What all workers sent: as counted, by our protocol's shapes, by the paper's convention."""

    bytes_sent: Count
    bytes_model: Amount
    bytes_paper: Amount
