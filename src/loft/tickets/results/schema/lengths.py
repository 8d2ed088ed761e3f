"""Define the lines of fine-tunings of different lengths."""

from typing import ClassVar

from loft.core.reporting.checked_lines import Key, Steps
from loft.tickets.results.schema.finetuning import Finetuned, Ticket, TicketEpoch
from loft.tickets.results.schema.names import WHOSE


class OfALength(Finetuned):
    """The first line: the same tickets may be fine-tuned for several lengths."""

    key: ClassVar[Key] = (*WHOSE, "epochs")


STEPS: Steps = {"finetune": {"job": OfALength, "epoch": TicketEpoch, "ticket": Ticket}}
