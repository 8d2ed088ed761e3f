"""What this study's lines and tables must hold for whoever reads them."""

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from loft.core.errors import UserError
from loft.core.lines import (
    Above,
    Amount,
    Checked,
    Count,
    First,
    Job,
    Key,
    Number,
    Percent,
    Positive,
    Row,
    Steps,
    Text,
    counted,
    expect_steps,
    shown,
)
from loft.models import ModelSettings
from loft.tickets.jobs import CONTROLS, UNPRUNED, PretrainJob
from loft.tickets.methods import METHODS

RATIO = re.compile(r"accuracy_([\d.]+)")  # columns of ticket accuracies, by percentage removed
NOT_COMPILED = {"compiled": False}  # what settings mean that were written before it was a choice
NORMS = ("l1", "l2", "max")  # that filters are ranked by, all that `norms` knows
BETWEEN = ("filters", "masks")  # what distances from an epoch to the next are between
WHOSE = ("model", "dataset", "cell", "seed")


def _method(name: str) -> str:
    if name not in METHODS and name not in CONTROLS:
        raise ValueError(f"found {shown(name)}; expected one of {', '.join([*METHODS, *CONTROLS])}")
    return name


def _cell(name: str) -> str:
    """Refuse what names no row of Table 1, nor the dense column."""
    method, _, workers = name.partition("-")
    if name != UNPRUNED and (
        _method(method) != method or (workers and not re.fullmatch(r"[1-9]\d{0,3}", workers))
    ):
        raise ValueError(f"found {shown(name)}; expected a method and its number of workers")
    return name


def _date(text: str) -> str:
    datetime.fromisoformat(text).timestamp()  # a ValueError says what is wrong
    return text


def with_compiling(settings: Any) -> Any:
    """Return a pretraining's settings with what they mean where lines are older than the choice."""
    compute = settings.get("compute") if isinstance(settings, Mapping) else None
    if isinstance(compute, Mapping):
        return {**settings, "compute": {**NOT_COMPILED, **compute}}
    return settings


CellName = Annotated[str, AfterValidator(_cell)]
Date = Annotated[str, AfterValidator(_date)]
Share = Annotated[Number, Field(gt=0, lt=1)]


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


class TicketName(Checked):
    """A ticket: from which snapshot, and how much of it was removed."""

    key: ClassVar[Key] = ("snapshot", "ratio")

    snapshot: Count
    ratio: Share
    multiple: Positive = 1  # in lines that were written before it was a choice


class FinetuneSettings(Checked):
    """What a job of fine-tuning was told."""

    tickets: list[TicketName]
    epochs: Positive


class Finetuned(Own):
    """The first line of a fine-tuning."""

    settings: FinetuneSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        asked = {name.identity() for name in self.settings.tickets}
        found = {line.identity() for line in lines["ticket"]}
        yield from counted(len(found & asked), len(asked), "ticket")
        for snapshot, ratio in found - asked:
            yield f"found a ticket of epoch {snapshot} and ratio {ratio:g}, which was not asked for"


class TicketEpoch(TicketName):
    """What an epoch of fine-tuning measured."""

    key: ClassVar[Key] = ("snapshot", "ratio", "epoch")

    epoch: Positive
    loss: Number
    train_accuracy: Percent
    test_accuracy: Percent | None


class Ticket(TicketName):
    """A ticket at the end."""

    parameters: Positive
    flops: Positive
    test_accuracy: Percent
    training_seconds: Amount | None = None


class DistanceSettings(Checked):
    """What the job of distances was told."""

    mask_threshold: Above
    filter_threshold: Above
    window: Positive


class Distances(First):
    """The first line of the distances."""

    settings: DistanceSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Every pretraining has each norm and each kind of distance to the next epoch."""
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


class Whose(Checked):
    """Of which pretraining something is."""

    key: ClassVar[Key] = WHOSE

    model: Text
    dataset: Text
    cell: CellName
    seed: Count

    def whose(self) -> tuple[Any, ...]:
        """Return what tells its pretraining from others."""
        return (self.model, self.dataset, self.cell, self.seed)


class Distance(Whose):
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


class Consecutive(Whose):
    """Distances from every epoch to the next."""

    key: ClassVar[Key] = (*WHOSE, "of")

    of: Text
    from_epoch: Count
    distances: list[Amount]


STEPS: Steps = {
    "pretrain": {
        "job": Pretrained,
        "epoch": Epoch,
        "worker": Worker,
        "measured": Measured,
        "result": Result,
    },
    "finetune": {"job": Finetuned, "epoch": TicketEpoch, "ticket": Ticket},
    "distance": {"job": Distances, "distance": Distance, "consecutive": Consecutive},
}


def expect_together(jobs: Iterable[Job]) -> None:
    """Hold the lines of all jobs against each other.

    Raises:
        UserError: lines are missing of something that others' lines are about.
    """
    jobs = [*jobs]
    expect_steps(jobs, STEPS)
    pretrained = {_whose(job[0]): job for job in jobs if job[0]["step"] == "pretrain"}
    finetuned = {_whose(job[0]): job for job in jobs if job[0]["step"] == "finetune"}
    distances = [line for job in jobs for line in job if line["kind"] == "distance"]
    measured = {tuple(line[key] for key in WHOSE) for line in distances}
    for whose, job in pretrained.items():
        dense, trainer = (*whose[:2], UNPRUNED, whose[3]), job[0].get("trained_by")
        _expect("pretrain", pretrained, dense, whose)
        if trainer:
            _expect("pretrain", pretrained, (*whose[:2], trainer, whose[3]), whose)
        else:
            _expect("distance", measured, whose, whose)
            if whose != dense:
                _expect("finetune", finetuned, whose, whose)
    for whose in finetuned:
        other = (*whose[:2], UNPRUNED, whose[3]) if whose[2] in CONTROLS else whose
        _expect("pretrain", pretrained, other, whose)
    for line in distances:
        whose = tuple(line[key] for key in WHOSE)
        _expect("pretrain", pretrained, whose, whose)
        epochs = sum(other["kind"] == "epoch" for other in pretrained[whose])
        if line["to_epoch"] != epochs:
            raise UserError(
                f"--metrics: found distances to epoch {line['to_epoch']} of {_named(whose)};"
                f" expected to its last, {epochs}"
            )


def _whose(about: Mapping[str, Any]) -> tuple[Any, ...]:
    return (about["model"]["name"], about["dataset"], about["cell"], about["seed"])


def _named(whose: tuple[Any, ...]) -> str:
    return f"{' '.join(map(str, whose[:-1]))} seed {whose[-1]}"


def _expect(
    step: str, found: Container[tuple[Any, ...]], whose: tuple[Any, ...], by: tuple[Any, ...]
) -> None:
    if whose not in found:
        beside = "" if whose == by else f" beside those of {_named(by)}"
        raise UserError(
            f"--metrics: found no lines of step '{step}' of {_named(whose)}; expected them{beside}"
        )


class DistancesRow(Row):
    """A row of `distances.csv`."""

    key: ClassVar[Key] = (*WHOSE, "from_epoch")

    model: Text
    dataset: Text
    cell: CellName
    seed: Count
    from_epoch: Count
    mean: Amount
    mean_l1: Amount
    mean_max: Amount


class TicketsRow(Row):
    """A row of `tickets.csv`."""

    key: ClassVar[Key] = (*WHOSE, "snapshot", "ratio")

    model: Text
    dataset: Text
    cell: CellName
    seed: Count
    snapshot: Count
    ratio: Share
    test_accuracy: Percent


class Table1Row(Row):
    """A row of `table1.csv`, with columns of accuracies by ratio."""

    model_config = ConfigDict(extra="allow")

    key: ClassVar[Key] = ("model", "dataset", "method", "workers")
    __pydantic_extra__: dict[str, Any]

    model: Text
    dataset: Text
    method: Annotated[str, AfterValidator(_method)]
    workers: Positive
    comm_gigabytes: Amount

    @classmethod
    def columns(cls, head: Collection[str]) -> list[str]:
        """Return the columns that are needed: accuracies of some ratio, with their deviations."""
        ratios = [name for name in head if RATIO.fullmatch(name)] or ["accuracy_<ratio>"]
        return [*super().columns(head), *ratios, *(f"{name}_std" for name in ratios)]

    @model_validator(mode="after")
    def _accuracies(self) -> Self:
        """Refuse accuracies, and deviations beside them, that are no numbers."""
        for name, text in (self.model_extra or {}).items():
            if RATIO.fullmatch(name.removesuffix("_std")) and not _is_percent(text):
                raise ValueError(f"{name}: found {shown(text)}; expected a percentage")
        return self


def _is_percent(text: str) -> bool:
    return re.fullmatch(r"\d{1,3}(\.\d+)?", text) is not None and float(text) <= 100


TABLES: Mapping[str, type[Row]] = {
    "table1": Table1Row,
    "tickets": TicketsRow,
    "distances": DistancesRow,
}
