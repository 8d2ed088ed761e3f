"""Settings of this study: the section `theorem1` of a params file."""

from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from loft.core.data.settings import Fraction
from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct

SECTION_5 = f"{PAPER}, section 5"
Inside = Annotated[float, Field(gt=0, lt=1)]


class SyntheticSettings(Settings):
    """Gaussian images of one row of pixels, which patches wrap around, with targets of +-1."""

    samples: Annotated[int, Field(ge=2)] = key(
        4,
        "n; few and all different, as the theorem's step falls with its square",
        unit="samples",
        source=OURS,
    )
    channels: PositiveInt = key(4, "channels of an image", source=OURS)
    pixels: PositiveInt = key(
        4, "p: pixels of an image, in a row, each the first of a patch", unit="pixels", source=OURS
    )
    filter: PositiveInt = key(
        3, "q: pixels of a filter; d = q times channels", unit="pixels", source=OURS
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.filter > self.pixels:
            raise ValueError(f"filter: found {self.filter}; expected at most {self.pixels} pixels")
        return self


class ImagesSettings(Settings):
    """Training images less their mean, averaged down, cut into patches side by side.

    The target is +1 for the upper half of the classes and -1 for the lower.
    """

    samples: Annotated[int, Field(ge=2)] = key(4, "n", unit="samples", source=OURS)
    side: PositiveInt = key(8, "side of an image after averaging down", unit="pixels", source=OURS)
    window: PositiveInt = key(
        4, "side of a patch; p = (side / window) squared", unit="pixels", source=OURS
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.side % self.window:
            raise ValueError(f"window: found {self.window}; expected a divisor of {self.side}")
        return self


class RepetitionSettings(Settings):
    """How often networks of each width are trained, from new starts with new masks."""

    least: Annotated[int, Field(ge=3)] = key(4, "repetitions of wide networks", source=OURS)
    filters: PositiveInt = key(
        800,
        "a network is repeated until its repetitions have this many filters together, but at "
        "least `least` times",
        unit="filters",
        source=OURS,
    )


class SweepSettings(Settings):
    """The values that each quantity takes, with all others at their own."""

    widths: Annotated[Distinct[PositiveInt], Field(min_length=4)] = key(
        [16, 32, 64, 128, 256, 512, 1600], "m", unit="filters", source=OURS
    )
    workers: Annotated[Distinct[PositiveInt], Field(min_length=4)] = key(
        [1, 2, 4, 8, 16], "S", source=OURS
    )
    probabilities: Annotated[Distinct[Fraction], Field(min_length=3)] = key(
        [0.25, 0.5, 0.75, 1.0], "xi of independent masks", source=OURS
    )
    local_steps: Annotated[Distinct[PositiveInt], Field(min_length=3)] = key(
        [1, 5, 25], "steps between synchronisations", unit="steps", source=OURS
    )
    width: PositiveInt = key(128, "m of all sweeps but the first", unit="filters", source=OURS)


class NeighbourhoodSettings(Settings):
    """Longer trainings, until what is left is the neighbourhood of Corollary 1."""

    steps: Annotated[Distinct[PositiveFloat], Field(min_length=1)] = key(
        [8.0, 32.0],
        "eta; longer than the theorem's, which would take as many times longer",
        unit="lambda_0 / n^2",
        source=OURS,
    )
    iterations: PositiveInt = key(
        2400,
        "T at the theorem's step; fewer in proportion at longer ones",
        unit="steps",
        source=OURS,
    )


class FitSettings(Settings):
    """How intervals around slopes are made."""

    confidence: Inside = key(0.95, "confidence of an interval", source=OURS)
    resamples: Annotated[int, Field(ge=100)] = key(
        500, "redrawn means that an interval is computed from", source=OURS
    )


class TrainingSettings(Settings):
    """What is trained, on which data."""

    seed: NonNegativeInt = key(0, "seed of starts, masks and synthetic data", source=OURS)
    synthetic: SyntheticSettings | None = key(
        SyntheticSettings(), "Gaussian images; null: none", source=OURS
    )
    images: ImagesSettings | None = key(
        ImagesSettings(), "images of `data`; null: none", source=OURS
    )
    kappas: Annotated[Distinct[PositiveFloat], Field(min_length=1)] = key(
        [1.0, 0.1],
        "kappa: deviation of first weights; the theorem's floor grows with its square",
        source=OURS,
    )
    step: PositiveFloat = key(
        1.0,
        "eta; the theorem's condition with its constant 1",
        unit="lambda_0 / n^2",
        source=SECTION_5,
    )
    iterations: Annotated[int, Field(ge=20)] = key(
        450,
        "T; gradient descent's loss falls tenfold even at the smallest width",
        unit="steps",
        source=OURS,
    )
    workers: Annotated[int, Field(ge=2)] = key(2, "S of all sweeps but its own", source=OURS)
    probability: Inside = key(
        0.5, "xi of independent masks in all sweeps but its own; a partition has 1/S", source=OURS
    )
    failure: Inside = key(
        0.1, "delta: the theorem holds with probability 1 - O(delta)", source=OURS
    )
    repetitions: RepetitionSettings = key(RepetitionSettings(), "new starts and masks", source=OURS)
    sweeps: SweepSettings = key(SweepSettings(), "the values of each quantity", source=OURS)
    neighbourhood: NeighbourhoodSettings = key(
        NeighbourhoodSettings(), "longer trainings", source=f"{PAPER}, Corollary 1"
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.synthetic is None and self.images is None:
            raise ValueError("synthetic, images: found null for both; expected data")
        for width in self.sweeps.widths:
            _divides("sweeps.widths", self.workers, width)
        for workers in self.sweeps.workers:
            _divides("sweeps.workers", workers, self.sweeps.width)
        for steps in self.sweeps.local_steps:
            _divides("sweeps.local_steps", steps, self.iterations)
        return self


def _divides(key: str, divisor: int, value: int) -> None:
    """Raise ValueError where parts would not be equal."""
    if value % divisor:
        raise ValueError(
            f"{key}: found {divisor} and {value}; expected the one to divide the other"
        )


class Theorem1Settings(TrainingSettings):
    """LoFT against gradient descent on a one-hidden-layer network."""

    fit: FitSettings = key(FitSettings(), "intervals around slopes", source=OURS)
