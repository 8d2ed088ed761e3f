"""Check the lines of trainings: on replicated data, to an accuracy, in processes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from loft.core.reporting.checked_lines import (
    Above,
    Amount,
    Checked,
    Count,
    First,
    Key,
    Percent,
    Positive,
    Text,
    Unbounded,
    counted,
)

Name = Literal["none", "dropconnect", "sgld", "qsgd"]


class Batch(Checked):
    """A batch size that was tried."""

    size: Positive


class Repeated(Checked):
    """The repetitions and batch sizes of trainings."""

    repetitions: Positive
    passes: Positive
    batches: Annotated[list[Batch], Field(min_length=2)]

    @property
    def sizes(self) -> list[int]:
        return [batch.size for batch in self.batches]


def all_of(kind: str, lines: Iterable[Any], expected: set[tuple[Any, ...]]) -> Iterator[str]:
    """Yield which line of a kind is missing or was not asked for."""
    found = {line.identity() for line in lines}
    yield from counted(len(found & expected), len(expected), kind)
    for other in found - expected:
        yield f"found a line of kind '{kind}' of {other}, which the settings do not ask for"


class Factors(Repeated):
    """The configurations on replicated data, and their repetitions."""

    batches: Annotated[list[Batch], Field(min_length=2, max_length=2)]
    factors: dict[Name, list[Positive] | None]


class ReplicationSettings(Checked):
    """What a job of replication was told."""

    replication: Factors


class Replication(First):
    """The line of a job that trained on replicated data."""

    key: ClassVar[Key] = ("model",)

    model: Text
    dataset: Text
    settings: ReplicationSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Everything was tried with both batch sizes, and measured at both ends."""
        own = self.settings.replication
        tried = [(name, factor) for name, all_ in own.factors.items() for factor in all_ or ()]
        pairs = [(*each, size) for each in tried for size in own.sizes]
        yield from all_of("tuned", lines["tuned"], {*pairs})
        runs = {(*pair, number) for pair in pairs for number in range(1, own.repetitions + 1)}
        yield from all_of("run", lines["run"], runs)
        ends = {(*each, when) for each in tried for when in ("start", "end")}
        yield from all_of("diversity", lines["diversity"], ends)
        looks = {len(line.losses) for line in lines["run"]}
        if len(looks) > 1:
            yield f"found runs with {sorted(looks)} losses; expected as many in each"


class Tried(Checked):
    """The parameters that identify a configuration on replicated data."""

    mechanism: Name
    replication: Positive


class Tuned(Tried):
    """The best step."""

    key: ClassVar[Key] = ("mechanism", "replication", "batch")

    batch: Positive
    step: Above
    edge: bool


class Run(Tried):
    """Losses at every look; None where training diverged."""

    key: ClassVar[Key] = ("mechanism", "replication", "batch", "repetition")

    batch: Positive
    repetition: Positive
    losses: Annotated[list[Above | None], Field(min_length=1)]


class Measured(Tried):
    """Definition 1, which knows infinite values and none."""

    key: ClassVar[Key] = ("mechanism", "replication", "when")

    when: Literal["start", "end"]
    samples: Positive
    measured: Positive
    diversity: Unbounded
    error: Unbounded
    bound: Unbounded
    mechanism_bound: Unbounded


class Target(Repeated):
    """Trainings to an accuracy."""

    accuracy: Percent


class PassesSettings(Checked):
    """What the job of passes was told."""

    passes: Target


class Passes(First):
    """The line of the job that counted passes to an accuracy."""

    model: Text
    dataset: Text
    settings: PassesSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        own = self.settings.passes
        expected = {(size, n + 1) for size in own.sizes for n in range(own.repetitions)}
        yield from all_of("passes", lines["passes"], expected)


class Reached(Checked):
    """The passes of a training to the accuracy; None if it did not reach it."""

    key: ClassVar[Key] = ("batch", "repetition")

    batch: Positive
    step: Above
    edge: bool
    repetition: Positive
    passes: Above | None


class Speedups(Checked):
    """Batch sizes that passes were timed with."""

    batches: Annotated[list[Positive], Field(min_length=2)]


class SpeedupSettings(Checked):
    """What a job of speed-ups was told."""

    speedup: Speedups


class Speedup(First):
    """The line of a job that timed passes in so many processes."""

    key: ClassVar[Key] = ("workers",)

    model: Text
    dataset: Text
    workers: Positive
    weights: Positive
    settings: SpeedupSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        expected = {(batch,) for batch in self.settings.speedup.batches}
        yield from all_of("pass", lines["pass"], expected)


class Pass(Checked):
    """The seconds of a pass."""

    key: ClassVar[Key] = ("batch",)

    batch: Positive
    iterations: Positive
    pass_seconds: Above
    bytes_sent: Count


class Dropping(Target):
    """Trainings to an accuracy, with DropConnect and without."""

    drops: list[Amount]


class DropConnectSettings(Checked):
    """What the job of DropConnect was told."""

    dropconnect: Dropping


class DropConnect(First):
    """The line of the job that trained with DropConnect and without."""

    settings: DropConnectSettings
    model: Text
    workers: Positive

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        own = self.settings.dropconnect
        tried = [(drop, size) for drop in (0, *own.drops) for size in own.sizes]
        expected = {(*each, n + 1) for each in tried for n in range(own.repetitions)}
        yield from all_of("ending", lines["ending"], expected)


class Ending(Reached):
    """Passes and time of a training to the accuracy."""

    key: ClassVar[Key] = ("drop", "batch", "repetition")

    drop: Amount
    train_seconds: Above | None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.passes is None) != (self.train_seconds is None):
            raise ValueError(
                f"train_seconds: found {self.train_seconds} beside passes {self.passes};"
                " expected both or none"
            )
        return self


class Worker(Checked):
    """The bytes that a worker sent."""

    key: ClassVar[Key] = ("rank",)

    rank: Count
    bytes_sent: Count
