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
    Unbounded,
    counted,
)
from loft.core.settings.values import Text

Name = Literal["none", "dropconnect", "sgld", "qsgd"]


def all_of(kind: str, lines: Iterable[Any], expected: set[tuple[Any, ...]]) -> Iterator[str]:
    """Yield which line of a kind is missing or was not asked for."""
    found = {line.identity() for line in lines}
    yield from counted(len(found & expected), len(expected), kind)
    for other in found - expected:
        yield f"found a line of kind '{kind}' of {other}, which was not asked for"


class Replication(First):
    """The line of a job that trained on replicated data.

    `factors` of replication by mechanism; `passes` over the data in each training.
    """

    key: ClassVar[Key] = ("model",)

    model: Text
    dataset: Text
    batches: Annotated[list[Positive], Field(min_length=2, max_length=2)]
    repetitions: Positive
    factors: dict[Name, list[Positive]]
    passes: Positive

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Everything was tried with both batch sizes, and measured at both ends."""
        tried = [(name, factor) for name, all_ in self.factors.items() for factor in all_]
        pairs = [(*each, size) for each in tried for size in self.batches]
        yield from all_of("tuned", lines["tuned"], {*pairs})
        runs = {(*pair, number) for pair in pairs for number in range(1, self.repetitions + 1)}
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
    """Gradient diversity (Definition 1); it may be infinite or NaN."""

    key: ClassVar[Key] = ("mechanism", "replication", "when")

    when: Literal["start", "end"]
    samples: Positive
    measured: Positive
    diversity: Unbounded
    error: Unbounded
    bound: Unbounded
    mechanism_bound: Unbounded


class Passes(First):
    """The line of the job that counted passes to an accuracy, at most so many."""

    model: Text
    dataset: Text
    batches: Annotated[list[Positive], Field(min_length=2)]
    repetitions: Positive
    target_accuracy: Percent
    most_passes: Positive

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        expected = {(size, n + 1) for size in self.batches for n in range(self.repetitions)}
        yield from all_of("passes", lines["passes"], expected)


class Reached(Checked):
    """The passes of a training to the accuracy; None if it did not reach it."""

    key: ClassVar[Key] = ("batch", "repetition")

    batch: Positive
    step: Above
    edge: bool
    repetition: Positive
    passes: Above | None


class Speedup(First):
    """The line of a job that timed passes in so many processes."""

    key: ClassVar[Key] = ("workers",)

    model: Text
    dataset: Text
    workers: Positive
    weights: Positive
    batches: Annotated[list[Positive], Field(min_length=2)]

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        expected = {(batch,) for batch in self.batches}
        yield from all_of("pass", lines["pass"], expected)


class Pass(Checked):
    """The seconds of a pass."""

    key: ClassVar[Key] = ("batch",)

    batch: Positive
    iterations: Positive
    pass_seconds: Above
    bytes_sent: Count


class DropConnect(First):
    """The line of the job that trained with DropConnect and, where the drop is 0, without."""

    model: Text
    workers: Positive
    drops: Annotated[list[Amount], Field(min_length=1)]
    batches: Annotated[list[Positive], Field(min_length=2)]
    repetitions: Positive

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        tried = [(drop, size) for drop in self.drops for size in self.batches]
        expected = {(*each, n + 1) for each in tried for n in range(self.repetitions)}
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
