"""Define the lines of a pretraining that tries a learning rate on held-out images."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from loft.core.reporting.checked_lines import Above, Key, Positive, Steps
from loft.tickets.results.schema import all_jobs
from loft.tickets.results.schema.names import WHOSE
from loft.tickets.results.schema.pretraining import Pretrained


class Tried(Pretrained):
    """The first line."""

    key: ClassVar[Key] = (*WHOSE, "learning_rate")

    learning_rate: Above
    held_out: Positive

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        yield from super().faults(lines)
        if lines["epoch"] and lines["epoch"][-1].test_loss is None:
            yield "found no loss on the held-out images of the last epoch"
        if any(line.images_seen is None for line in lines["result"]):
            yield "found no number of images seen"


STEPS: Steps = {"pretrain": {**all_jobs.STEPS["pretrain"], "job": Tried}}
