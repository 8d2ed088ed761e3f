"""What lines of a pretraining must hold."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, model_validator

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
    shown,
)
from loft.models import ModelSettings
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.results.schema.names import CellName, Date

NOT_COMPILED = {"compiled": False}  # what settings mean that were written before it was a choice


def with_compiling(settings: Any) -> Any:
    """Return a pretraining's settings with what they mean where lines are older than the choice."""
    compute = settings.get("compute") if isinstance(settings, Mapping) else None
    if isinstance(compute, Mapping):
        return {**settings, "compute": {**NOT_COMPILED, **compute}}
    return settings


class Own(First):
    """The first line of a training's lines: whose they are, and what the diary says of it."""

    key: ClassVar[Key] = ("model", "dataset", "cell", "seed")

    model: ModelSettings
    dataset: Text
    cell: CellName
    seed: Count
    device: Text
    commit: Text | None
    date: Date


class Pretrained(Own):
    """The first line of a pretraining."""

    channels: Positive
    size: Positive
    classes: Positive
    workers: Positive
    iterations_per_epoch: Positive
    trained_by: CellName | None = None
    settings: Annotated[PretrainJob, BeforeValidator(with_compiling)]

    @model_validator(mode="after")
    def _one_training(self) -> Self:
        for name in ("model", "cell", "seed", "workers", "trained_by"):
            found, expected = getattr(self, name), getattr(self.settings, name)
            if found != expected:
                raise ValueError(f"{name}: found {shown(found)}; settings have {shown(expected)}")
        return self

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Every epoch is there, the last one tested, unless the training is another cell's."""
        epochs = 0 if self.trained_by else self.settings.epochs
        yield from counted(len(lines["result"]), 1, "result")
        yield from counted(len(lines["worker"]), self.workers, "worker")
        yield from counted(len(lines["epoch"]), epochs, "epoch")
        for number, line in enumerate(lines["epoch"], start=1):
            if line.epoch != number:
                yield f"found epoch {line.epoch} in place of epoch {number}"
        if epochs and lines["epoch"] and lines["epoch"][-1].test_accuracy is None:
            yield "found no test accuracy of the last epoch"


class Epochs(Checked):
    """How long a pretraining was to be."""

    epochs: Positive


class Recorded(First):
    """The first line of a pretraining, for who reads its record of norms."""

    model: ModelSettings
    dataset: Text
    cell: CellName
    seed: Count
    channels: Positive
    size: Positive
    classes: Positive
    settings: Epochs


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
    pid: Count | None = None
    parameters: Positive
    bytes_sent: Count
    peak_memory_bytes: Count
    baseline_memory_bytes: Count
    synchronising_seconds: Amount | None = None
    training_seconds: Amount | None = None


class Measured(Checked):
    """Real steps in place of a training that is another cell's."""


class Result(Checked):
    """What all workers sent."""

    bytes_sent: Count
