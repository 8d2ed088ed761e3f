"""Define the lines of fine-tunings of different lengths."""

from typing import ClassVar

from loft.core.reporting.checked_lines import Key, Steps
from loft.tickets.results.schema import all_jobs
from loft.tickets.results.schema.finetuning import Finetuned
from loft.tickets.results.schema.names import WHOSE


class OfALength(Finetuned):
    """The first line: the same tickets may be fine-tuned for several lengths."""

    key: ClassVar[Key] = (*WHOSE, "epochs")


STEPS: Steps = {"finetune": {**all_jobs.STEPS["finetune"], "job": OfALength}}
