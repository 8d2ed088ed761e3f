"""The study's section of a params file, `theorem1:`, and the jobs that are made of it."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from loft.core.data.augmentation import Fraction
from loft.core.data.sources import DataSettings
from loft.core.settings.schema import Settings
from loft.core.settings.shared import Header
from loft.core.settings.values import Distinct

SOURCES = {  # of data, by the key of their settings
    "synthetic": "loft.theorem1.synthetic:prepare",
    "images": "loft.theorem1.images:prepare",
}
Inside = Annotated[float, Field(gt=0, lt=1)]


class SyntheticSettings(Settings):
    """Gaussian images of one row of pixels, which patches wrap around, with targets of +-1."""

    samples: Annotated[int, Field(ge=2)]
    channels: PositiveInt
    pixels: PositiveInt
    filter: PositiveInt  # pixels in a filter, q

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.filter > self.pixels:
            raise ValueError(f"filter: found {self.filter}; expected at most {self.pixels} pixels")
        return self


class ImagesSettings(Settings):
    """Training images less their mean, averaged down, cut into patches side by side.

    The target is +1 for the upper half of the classes and -1 for the lower.
    """

    samples: Annotated[int, Field(ge=2)]
    side: PositiveInt  # pixels after averaging
    window: PositiveInt  # pixels a side of a patch

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.side % self.window:
            raise ValueError(f"window: found {self.window}; expected a divisor of {self.side}")
        return self


class RepetitionSettings(Settings):
    """How often networks of each width are trained, from new starts with new masks."""

    least: Annotated[int, Field(ge=3)]
    filters: PositiveInt  # narrow networks are repeated until they have so many in all

    def of(self, width: int) -> int:
        """Return how often a network of some width is trained."""
        return max(self.least, self.filters // width)


class SweepSettings(Settings):
    """The values that each quantity takes, with all others at their own."""

    widths: Annotated[Distinct[PositiveInt], Field(min_length=4)]
    workers: Annotated[Distinct[PositiveInt], Field(min_length=4)]
    probabilities: Annotated[Distinct[Fraction], Field(min_length=3)]
    local_steps: Annotated[Distinct[PositiveInt], Field(min_length=3)]
    width: PositiveInt  # of all sweeps but the first


class NeighbourhoodSettings(Settings):
    """Longer trainings, until what is left is the neighbourhood of Corollary 1."""

    steps: Annotated[Distinct[PositiveFloat], Field(min_length=1)]  # times lambda_0 / n^2
    iterations: PositiveInt  # at the theorem's step; fewer in proportion at longer ones


class FitSettings(Settings):
    """How intervals around slopes are made."""

    confidence: Inside
    resamples: Annotated[int, Field(ge=100)]


class TrainingSettings(Settings):
    """What is trained, on which data."""

    seed: NonNegativeInt
    synthetic: SyntheticSettings | None  # null: without
    images: ImagesSettings | None
    kappas: Annotated[Distinct[PositiveFloat], Field(min_length=1)]
    step: PositiveFloat  # eta, times lambda_0 / n^2
    iterations: Annotated[int, Field(ge=20)]  # T
    workers: Annotated[int, Field(ge=2)]  # S
    probability: Inside  # xi of independent masks
    failure: Inside  # delta: the theorem holds with probability 1 - O(delta)
    repetitions: RepetitionSettings
    sweeps: SweepSettings
    neighbourhood: NeighbourhoodSettings

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not self.sources:
            raise ValueError("synthetic, images: found null for both; expected data")
        for width in self.sweeps.widths:
            _divides("sweeps.widths", self.workers, width)
        for workers in self.sweeps.workers:
            _divides("sweeps.workers", workers, self.sweeps.width)
        for steps in self.sweeps.local_steps:
            _divides("sweeps.local_steps", steps, self.iterations)
        return self

    @property
    def sources(self) -> list[str]:
        """Names of the data that the run trains on."""
        return [name for name in SOURCES if getattr(self, name) is not None]


def _divides(key: str, divisor: int, value: int) -> None:
    """Raise ValueError where parts would not be equal."""
    if value % divisor:
        raise ValueError(
            f"{key}: found {divisor} and {value}; expected the one to divide the other"
        )


class Theorem1Settings(TrainingSettings):
    """LoFT against gradient descent on a one-hidden-layer network."""

    fit: FitSettings


class Theorem1Job(Settings):
    """Train on one kind of data, the one that is not null."""

    training: TrainingSettings


class Theorem1ReportJob(Settings):
    """Make tables, figures and a summary of what was measured."""

    fit: FitSettings


class Run(Header):
    """The keys of this study."""

    data: DataSettings
    theorem1: Theorem1Settings

    @model_validator(mode="after")
    def _theorem1_in_memory(self) -> Self:
        if self.theorem1.images is not None and self.data.kind != "images":
            raise ValueError(
                f"theorem1.images: found image files ({self.data.name}); "
                "expected data kept in memory, or images: null"
            )
        return self

    def theorem1_job(self, source: str) -> Theorem1Job:
        """Return what a source's job is told: nothing that its numbers do not depend on."""
        others = {name: None for name in self.theorem1.sources if name != source}
        values = self.theorem1.model_dump(exclude={"fit"})
        return Theorem1Job(training=TrainingSettings.model_validate({**values, **others}))

    @property
    def theorem1_report(self) -> Theorem1ReportJob:
        """What the report is told."""
        return Theorem1ReportJob(fit=self.theorem1.fit)
