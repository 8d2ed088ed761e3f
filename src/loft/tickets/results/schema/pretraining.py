"""Define the lines of a pretraining."""

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
    counted,
)
from loft.core.settings.values import Text
from loft.models import ModelSettings
from loft.tickets.results.schema.names import WHOSE, CellName


class Network(Checked):
    """A network's name and width; some networks have more options in lines."""

    name: Text
    width: Positive


class Training(First):
    """The first line of a training: its network, data, cell, seed and number of epochs."""

    key: ClassVar[Key] = WHOSE

    model: Network
    dataset: Text
    cell: CellName
    seed: Count
    epochs: Positive


class Pretrained(Training):
    """The first line of a pretraining."""

    size: Positive
    workers: Positive
    batch_size: Positive
    iterations_per_epoch: Positive
    trained_by: CellName | None

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Yield a fault where an epoch or the last test is missing.

        A cell that uses another cell's training has no epochs.
        """
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
    """The first line of a pretraining, with the facts that its record of norms is checked by."""

    model: ModelSettings
    dataset: Text
    cell: CellName
    seed: Count
    channels: Positive
    size: Positive
    classes: Positive
    epochs: Positive


class Epoch(Checked):
    """Measurements of one epoch of pretraining."""

    key: ClassVar[Key] = ("epoch",)

    epoch: Positive
    loss: Number
    train_accuracy: Percent
    test_accuracy: Percent | None
    test_loss: Number | None = None
    bytes_sent: Count


class Worker(Checked):
    """Parameters and bytes of one worker."""

    key: ClassVar[Key] = ("rank",)

    rank: Count
    parameters: Positive
    bytes_sent: Count


class Measured(Checked):
    """The measured steps of a cell that uses another cell's training."""


class Result(Checked):
    """Bytes that all workers sent, and their work, which older lines lack.

    Bytes are as counted, computed by our protocol, and by the paper's convention. A cell that uses
    another cell's training counts its measured steps and scales them to the whole training.

    """

    bytes_sent: Count
    bytes_model: Amount
    bytes_paper: Amount
    images_seen: Positive | None = None
    operations: Positive | None = None
