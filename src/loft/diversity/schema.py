"""What this study's lines must hold for its tables and figures."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

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
    Steps,
    Text,
    Unbounded,
    counted,
    expect_steps,
)
from loft.diversity.convergence import THEOREMS

Name = Literal["none", "dropconnect", "sgld", "qsgd"]
Found = Annotated[list[Number], Field(min_length=1)]
BOUNDS, MECHANISMS = 4, 8  # lines of statements: two cases and three mechanisms, each in its places


class Batch(Checked):
    """A batch size that was tried."""

    size: Positive


class Repeated(Checked):
    """How often trainings were repeated, and with which batch sizes."""

    repetitions: Positive
    passes: Positive
    batches: Annotated[list[Batch], Field(min_length=2)]

    @property
    def sizes(self) -> list[int]:
        return [batch.size for batch in self.batches]


def _all_of(kind: str, lines: Iterable[Any], expected: set[tuple[Any, ...]]) -> Iterator[str]:
    """Yield which line of a kind is missing or was not asked for."""
    found = {line.identity() for line in lines}
    yield from counted(len(found & expected), len(expected), kind)
    for other in found - expected:
        yield f"found a line of kind '{kind}' of {other}, which the settings do not ask for"


class Factors(Repeated):
    """What was tried on replicated data, and how often."""

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
        yield from _all_of("tuned", lines["tuned"], {*pairs})
        runs = {(*pair, number) for pair in pairs for number in range(1, own.repetitions + 1)}
        yield from _all_of("run", lines["run"], runs)
        ends = {(*each, when) for each in tried for when in ("start", "end")}
        yield from _all_of("diversity", lines["diversity"], ends)
        looks = {len(line.losses) for line in lines["run"]}
        if len(looks) > 1:
            yield f"found runs with {sorted(looks)} losses; expected as many in each"


class Tried(Checked):
    """What tells configurations on replicated data apart."""

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
        yield from _all_of("passes", lines["passes"], expected)


class Reached(Checked):
    """The passes of a training to the accuracy; None where it did not get there."""

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
        yield from _all_of("pass", lines["pass"], expected)


class Pass(Checked):
    """How long a pass took."""

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
        yield from _all_of("ending", lines["ending"], expected)


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
    """What a worker sent."""

    key: ClassVar[Key] = ("rank",)

    rank: Count
    bytes_sent: Count


class Stability(Checked):
    """Batch sizes of trainings on samples that differ in a point."""

    batches: list[Number]


class Deltas(Checked):
    """What the theorems were tried with."""

    deltas: list[Number]
    stability: Stability


class StatementsSettings(Checked):
    """What the job of statements was told."""

    statements: Deltas


class Statements(First):
    """The line of the job that held the paper's statements against problems."""

    settings: StatementsSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        own = self.settings.statements
        expected = {
            "convergence": len(THEOREMS) * (len(own.deltas) + 2),
            "stability": len(own.stability.batches) + 1,
            "bound": BOUNDS,
            "mechanism": MECHANISMS,
        }
        for kind, count in expected.items():
            yield from counted(len(lines[kind]), count, kind)
        if not any(line.batch == 1 for line in lines["stability"]):
            yield "found no line of kind 'stability' of batch 1"


class Convergence(Checked):
    """A theorem, with a batch size."""

    key: ClassVar[Key] = None  # a delta that is asked for may be one that runs anyway

    theorem: Text
    delta: Amount
    batch: Positive
    largest_batch: Amount
    updates: Count
    promised: Number | None
    inside: bool
    attained: Found


class Stable(Checked):
    """Theorem 5, with a batch size."""

    key: ClassVar[Key] = None  # several may be rounded to the same

    batch: Positive
    step: Above
    updates: Count
    least_bound: Number
    bound: Number
    distances: Found
    gaps: Found

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.batch == 1 and not (any(self.distances) and any(self.gaps)):
            raise ValueError("distances, gaps: found 0 at batch 1; expected what others are over")
        return self


class Bound(Checked):
    """A bound and the least that was measured."""

    key: ClassVar[Key] = ("case", "definition")

    case: Text
    definition: Positive
    weights: Positive
    bound: Number
    least: Number


class Mechanism(Checked):
    """What a mechanism makes of the bound."""

    key: ClassVar[Key] = ("mechanism", "definition", "weights")

    mechanism: Name
    definition: Positive
    weights: Text
    samples: Positive
    bound: Number
    expected: Number
    drawn: Number


STEPS: Steps = {
    "replication": {"job": Replication, "tuned": Tuned, "run": Run, "diversity": Measured},
    "passes": {"job": Passes, "passes": Reached},
    "speedup": {"job": Speedup, "pass": Pass},
    "dropconnect": {"job": DropConnect, "ending": Ending, "worker": Worker},
    "statements": {
        "job": Statements,
        "convergence": Convergence,
        "stability": Stable,
        "bound": Bound,
        "mechanism": Mechanism,
    },
}


class Model(Checked):
    """A network's name."""

    name: Text


class Sgd(Checked):
    """The batch size of a pretraining."""

    batch_size: Positive


class Pretraining(Checked):
    """What of a pretraining says how many rounds were looked at."""

    sgd: Sgd
    snapshots: list[Count]


class UpdatesSettings(Checked):
    """What a job of updates was told."""

    pretraining: Pretraining
    iterations: list[Positive]


class Updates(First):
    """The line of a job that took a round from every snapshot of a pretraining."""

    key: ClassVar[Key] = ("model", "cell", "seed")

    model: Model
    cell: Text
    seed: Count
    workers: Positive
    settings: UpdatesSettings

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        epochs = self.settings.pretraining.snapshots
        ranks = {(epoch, rank) for epoch in epochs for rank in range(self.workers)}
        yield from _all_of("gradients", lines["gradients"], ranks)
        after = {(epoch, count) for epoch in epochs for count in self.settings.iterations}
        yield from _all_of("updates", lines["updates"], after)


class Gradients(Checked):
    """Sums over the gradients of a worker's images."""

    key: ClassVar[Key] = ("epoch", "rank")

    epoch: Count
    rank: Count
    samples: Positive
    squares: Above
    together: Above


class Changes(Checked):
    """Sums over what the workers changed."""

    key: ClassVar[Key] = ("epoch", "iterations")

    epoch: Count
    iterations: Positive
    shared_squares: Above
    shared_together: Above
    partitioned_squares: Number  # of rounding alone where nothing is partitioned


ROUNDS: Steps = {"updates": {"job": Updates, "gradients": Gradients, "updates": Changes}}


def expect_together(jobs: Iterable[Job], steps: Steps) -> None:
    """Hold the lines of all jobs against each other.

    Raises:
        UserError: there is no job of a step, or no time of one worker to hold others against.
    """
    jobs = [*jobs]
    expect_steps(jobs, steps)
    timed = {
        job[0]["workers"]: {line["batch"] for line in job if line["kind"] == "pass"}
        for job in jobs
        if job[0]["step"] == "speedup"
    }
    for workers, batches in timed.items():
        for batch in batches - timed.get(1, set()):
            raise UserError(
                f"--metrics: found no pass of 1 worker with batch {batch}; expected it beside"
                f" that of {workers}"
            )
