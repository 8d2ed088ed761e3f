"""Define the lines of a fine-tuning."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from loft.core.reporting.checked_lines import (
    Checked,
    Count,
    Key,
    Number,
    Percent,
    Positive,
    counted,
)
from loft.tickets.results.schema.names import Share
from loft.tickets.results.schema.pretraining import Training


class TicketName(Checked):
    """A line about one ticket: its snapshot, ratio and multiple."""

    key: ClassVar[Key] = ("snapshot", "ratio")

    snapshot: Count
    ratio: Share
    multiple: Positive


class Finetuned(Training):
    """The first line of a fine-tuning."""

    tickets: list[TicketName]

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        asked = {name.identity() for name in self.tickets}
        found = {line.identity() for line in lines["ticket"]}
        yield from counted(len(found & asked), len(asked), "ticket")
        for snapshot, ratio in found - asked:
            yield f"found a ticket of epoch {snapshot} and ratio {ratio:g}, which was not asked for"


class TicketEpoch(TicketName):
    """Measurements of one epoch of fine-tuning."""

    key: ClassVar[Key] = ("snapshot", "ratio", "epoch")

    epoch: Positive
    loss: Number
    train_accuracy: Percent
    test_accuracy: Percent | None
    test_loss: Number | None = None


class Ticket(TicketName):
    """A ticket after its last epoch."""

    parameters: Positive
    flops: Positive
    images_seen: Positive | None = None
    operations: Positive | None = None
    parent_accuracy: Percent | None = None
    pruned_accuracy: Percent | None = None
    test_accuracy: Percent
