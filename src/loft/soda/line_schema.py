"""Check the lines of this study and of LoFT's Table 1 that tables and figures are made from."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from loft.core.data.settings import Fraction
from loft.core.errors import UserError
from loft.core.reporting.checked_lines import (
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
    counted,
)
from loft.core.settings.values import Text
from loft.soda.settings import Normalisation

MASKING, BASELINE = "loft", "local_sgd"  # the methods of LoFT's Table 1 that SODA stands beside
Outcome = Literal["converged", "epochs", "stalled"]


class Optimised(First):
    """The line of a job that found a problem's minimiser."""

    key: ClassVar[Key] = ("problem",)

    problem: Text
    dataset: Text
    normalisation: Normalisation
    lambda_1: Above
    lambda_2: Above

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        yield from counted(len(lines["optimum"]), 1, "optimum")


class Optimum(Checked):
    """A problem's shape, and its minimiser's support."""

    samples: Positive
    features: Positive
    support: Count

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.support > self.features:
            raise ValueError(
                f"support: found {self.support}; expected at most features, {self.features}"
            )
        return self


class Run(First):
    """The line of a job of either engine."""

    problem: Text
    dataset: Text
    workers: Positive
    p: Fraction


class Simulated(Run):
    """The line of a job that simulated a problem with one probability."""

    key: ClassVar[Key] = ("problem", "p")

    repetitions: Positive
    curves: Count

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        yield from counted(len(lines["theory"]), 1, "theory")
        yield from counted(len(lines["run"]), self.repetitions, "run")
        yield from counted(len(lines["curves"]), self.curves, "curves")


class Ran(Run):
    """The line of a job of real processes."""

    key: ClassVar[Key] = ("problem",)

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        for kind, expected in {"run": 1, "process": self.workers + 1, "replay": 1}.items():
            yield from counted(len(lines[kind]), expected, kind)


class Theory(Checked):
    """The constant of Theorem 1."""

    alpha: Above


class End(Checked):
    """The last measurement of a run."""

    outcome: Outcome
    epoch: Above
    time: Amount
    suboptimality: Number
    entries_up: Count
    entries_down: Count
    bytes_up: Positive
    bytes_down: Positive
    bytes_indices: Count
    stopping_times: Count
    accuracy: Percent
    identified_epoch: Above | None
    contraction: Above | None

    @model_validator(mode="after")
    def _identified(self) -> Self:
        if self.contraction is not None and self.identified_epoch is None:
            raise ValueError("identified_epoch: found None; expected it where contraction is known")
        return self


class Repetition(End):
    """The last measurement of a simulation."""

    key: ClassVar[Key] = ("repetition",)

    repetition: Count
    restarts: Count


class Ended(End):
    """The last measurement of a run of real processes."""

    support: Count


class Curves(Checked):
    """The curves of a simulation."""

    key: ClassVar[Key] = ("repetition",)

    repetition: Count
    epoch: Annotated[list[Amount], Field(min_length=1)]
    time: list[Amount]
    suboptimality: list[Number]
    support: list[Count]

    @model_validator(mode="after")
    def _as_long(self) -> Self:
        for name in ("time", "suboptimality", "support"):
            found, expected = len(getattr(self, name)), len(self.epoch)
            if found != expected:
                raise ValueError(f"{name}: found {found} values; expected {expected}, as of epoch")
        return self


class Process(Checked):
    """The bytes that a process sent; rank 0 is the master."""

    key: ClassVar[Key] = ("rank",)

    rank: Count
    bytes_sent: Count


class Replay(Checked):
    """The distance between the last w of the simulation and of the processes."""

    largest_difference: Amount


STEPS: Steps = {
    "optimum": {"job": Optimised, "optimum": Optimum},
    "simulate": {"job": Simulated, "theory": Theory, "curves": Curves, "run": Repetition},
    "processes": {"job": Ran, "run": Ended, "process": Process, "replay": Replay},
}


def check_all_jobs(jobs: Iterable[Job], problems: Collection[str]) -> None:
    """Check that each shown problem has its optimum and that no job has another problem.

    Raises:
        UserError: a problem has no minimiser, or a job is about another problem.
    """
    solved = {job[0]["problem"] for job in jobs if job[0]["step"] == "optimum"}
    for problem in problems:
        if problem not in solved:
            raise UserError(f"--metrics: found no lines of the optimum of '{problem}'; expected it")
    for job in jobs:
        if (problem := job[0]["problem"]) not in problems:
            raise UserError(
                f"--settings: problems: found no '{problem}', which lines of --metrics are about"
            )


class TicketsRow(Row):
    """A row of LoFT's Table 1."""

    key: ClassVar[Key] = ("model", "dataset", "method", "workers")

    model: Text
    dataset: Text
    method: Text
    workers: Positive
    comm_gigabytes: Amount
    pretrain_accuracy: Percent | None = None  # controls have none

    @model_validator(mode="after")
    def _compared(self) -> Self:
        if self.method in (MASKING, BASELINE) and not self.pretrain_accuracy:
            raise ValueError("pretrain_accuracy: found none; expected a percentage above 0")
        return self
