"""Check the lines that this study's tables and figures are made from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from loft.core.reporting.checked_lines import (
    Above,
    Amount,
    Checked,
    First,
    Key,
    Number,
    Positive,
    Steps,
    counted,
)

Masks = Literal["partition", "bernoulli"]
Sweep = Literal["m", "S", "xi", "T", "local_steps", "neighbourhood"]
SWEEPS: tuple[Sweep, ...] = get_args(Sweep)
Cause = Literal["walk", "idle", "common", "pull", "own"]
Causes = dict[Cause, Number]
CELL = ("masks", "m", "S", "xi", "kappa", "local_steps", "step", "T")
Repeated = Annotated[list[Amount], Field(min_length=2)]  # a value a repetition, for their error


class Training(First):
    """The line of a job: on which data, and how many cells each sweep has."""

    key: ClassVar[Key] = ("source",)

    source: Literal["synthetic", "images"]
    cells: dict[Sweep, Positive]

    def faults(self, lines: Mapping[str, list[Any]]) -> Iterator[str]:
        """Every sweep has all its cells, and those of the sweep over T a curve."""
        yield from counted(len(lines["data"]), 1, "data")
        found = Counter(sweep for line in lines["cell"] for sweep in line.sweeps)
        for sweep in SWEEPS:
            have, expected = found[sweep], self.cells.get(sweep, 0)
            if have != expected:
                yield f"found {have} of {expected} lines of kind 'cell' of the sweep over {sweep}"
        yield from counted(len(lines["curve"]), self.cells.get("T", 0), "curve")


class Data(Checked):
    """The training data and the theorem's conditions."""

    n: Positive
    p: Positive
    d: Positive
    lambda_0: Above
    lambda_max: Above
    eta: Above
    T: Positive
    stable_step: Above
    failure: Above
    least_m: Above


class Trained(Checked):
    """The parameters that identify a training."""

    key: ClassVar[Key] = CELL

    masks: Masks
    m: Positive
    S: Positive
    xi: Annotated[Number, Field(gt=0, le=1)]
    kappa: Above
    local_steps: Positive
    step: Above
    T: Positive


class Cell(Trained):
    """Measurements at the end of each repetition of a training."""

    sweeps: Annotated[list[Sweep], Field(min_length=1)]
    repetitions: Positive
    weights: Repeated
    outputs: Repeated
    movement: Repeated
    loft_loss: Repeated
    descent_loss: Repeated
    tail: Repeated
    loss_start: Above
    predicted_weights: Causes
    predicted_outputs: Causes
    neighbourhood: Amount
    bound_first: Above
    bound_second: Amount

    @model_validator(mode="after")
    def _of_every_repetition(self) -> Self:
        for name in ("weights", "outputs", "movement", "loft_loss", "descent_loss", "tail"):
            _as_long(name, getattr(self, name), self.repetitions)
        for name in ("movement", "descent_loss", "loft_loss", "tail"):
            if not any(getattr(self, name)):
                raise ValueError(f"{name}: found zeros alone; expected what was measured")
        if not self.bound_second and self.xi < 1:
            raise ValueError("bound_second: found 0; expected it only where xi is 1")
        if not self.neighbourhood and "neighbourhood" in self.sweeps:
            raise ValueError("neighbourhood: found 0; expected a loss, as it is compared")
        return self


class Curve(Trained):
    """Measurements at all checkpoints: of each repetition, and losses averaged over all."""

    rate: Number
    at: Annotated[list[Annotated[int, Field(ge=0, lt=2**63)]], Field(min_length=3)]
    weights: Annotated[list[list[Amount]], Field(min_length=2)]
    outputs: Annotated[list[list[Amount]], Field(min_length=2)]
    loft_loss: list[Amount]
    descent_loss: list[Amount]

    @model_validator(mode="after")
    def _along_the_iterations(self) -> Self:
        if self.at != sorted({*self.at}):
            raise ValueError("at: found iterations out of order; expected ascending ones")
        for name in ("loft_loss", "descent_loss"):
            _as_long(name, getattr(self, name), len(self.at))
        for name in ("weights", "outputs"):
            rows = getattr(self, name)
            _as_long(name, rows, len(self.weights))
            for number, row in enumerate(rows):
                _as_long(f"{name}.{number}", row, len(self.at))
                if 0 in row[2:]:
                    raise ValueError(f"{name}.{number}: found 0 on the way; expected a distance")
        return self


def _as_long(name: str, values: list[Any], count: int) -> None:
    if len(values) != count:
        raise ValueError(f"{name}: found {len(values)} values; expected {count}")


STEPS: Steps = {"theorem1": {"job": Training, "data": Data, "cell": Cell, "curve": Curve}}
