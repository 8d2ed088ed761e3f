"""Settings of this study, the section `diversity` of a params file: a class for each part of it."""

from collections.abc import Hashable
from typing import Annotated, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.schema import Settings
from loft.core.settings.shared import LinkSettings
from loft.core.settings.values import Distinct
from loft.diversity.models import ModelSettings

FIGURE_3 = f"{PAPER}, Figure 3"
SECTION_4 = f"{PAPER}, section 4"
Inside = Annotated[float, Field(gt=0, lt=1)]
Percent = Annotated[float, Field(gt=0, le=100)]
Factors = Annotated[Distinct[PositiveInt], Field(min_length=1)]


class MechanismSettings(Settings):
    """How strong each mechanism is."""

    dropconnect: Inside = key(0.5, "share of a gradient's entries that is dropped", source=FIGURE_3)
    sgld: PositiveFloat = key(
        1.0, "mean squared length of the noise over that of the first gradients", source=OURS
    )
    qsgd: PositiveInt = key(1, "levels of quantisation", source=OURS)


class BatchSettings(Settings):
    """A batch size and the constant steps of which the best is taken."""

    size: PositiveInt = key(..., "size of a batch", unit="samples", source=OURS)
    steps: Annotated[Distinct[PositiveFloat], Field(min_length=1)] = key(
        ..., "steps that are tried; each multiplies the sum of a batch's gradients", source=OURS
    )

    @property
    def told_by(self) -> Hashable:
        return self.size


class TrainingSettings(Settings):
    """What is trained, on how much, and how often it is looked at."""

    model: ModelSettings = key(..., "what is trained", source=SECTION_4)
    threads: PositiveInt = key(1, "threads of each process", source=OURS)
    samples: PositiveInt = key(
        ...,
        "n: training images of the classes that the model tells apart",
        unit="images",
        source=OURS,
    )
    passes: PositiveInt = key(
        ..., "passes at most, each of n samples drawn with replacement", source=OURS
    )
    looks: PositiveInt = key(..., "measurements of loss or accuracy, equally spaced", source=OURS)
    repetitions: Annotated[int, Field(ge=2)] = key(
        ..., "trainings after a first one, on which steps are tuned", source=OURS
    )


class FactorSettings(Settings):
    """Replication factors r, for the plain gradient and for each mechanism that is tried."""

    none: Factors = key(..., "factors of the plain gradient, from 1 ascending", source=FIGURE_3)
    dropconnect: Factors | None = key(
        None, "factors tried with DropConnect; null: not tried", source=FIGURE_3
    )
    sgld: Factors | None = key(None, "factors tried with SGLD; null: not tried", source=OURS)
    qsgd: Factors | None = key(None, "factors tried with QSGD; null: not tried", source=OURS)


class ReplicationSettings(TrainingSettings):
    """Figure 3 for a model: loss of large over small batches on replicated data."""

    batches: Annotated[Distinct[BatchSettings], Field(min_length=2, max_length=2)] = key(
        ..., "the small batch and the large one", source=f"{FIGURE_3}: 16 and 512"
    )
    factors: FactorSettings = key(
        ..., "r: the data are a random 1/r of the samples, each r times", source=FIGURE_3
    )
    measured: Annotated[int, Field(ge=2)] = key(
        ..., "samples that diversity is estimated from, at most", unit="images", source=OURS
    )

    @property
    def told_by(self) -> Hashable:
        return self.model.name

    @model_validator(mode="after")
    def _possible(self) -> Self:
        small, large = (batch.size for batch in self.batches)
        if small >= large:
            raise ValueError(f"batches: found {small} and {large}; expected the smaller one first")
        plain = self.factors.none
        if 1 not in plain or plain != sorted({*plain}):
            raise ValueError(f"factors.none: found {plain}; expected 1 and more, ascending")
        for name, factors in self.factors:
            if not {*(factors or [])} <= {*plain}:
                raise ValueError(f"factors.{name}: found {factors}; expected some of {plain}")
        for factor in plain:
            if self.samples % factor:
                raise ValueError(f"factors.none: found {factor}; expected divisors of samples")
        return self


class PassesSettings(TrainingSettings):
    """Figure 2: passes to an accuracy in training, for each batch size."""

    batches: Annotated[Distinct[BatchSettings], Field(min_length=2)] = key(
        ..., "batch sizes", source=f"{PAPER}, Figure 2"
    )
    accuracy: Percent = key(
        95.0, "accuracy on the training samples to reach", unit="%", source=f"{PAPER}, Figure 2"
    )


class NetworkSettings(LinkSettings):
    """The time of a message, for Figure 1's model of more processes than were measured."""


class SpeedupSettings(Settings):
    """Figure 1: one pass over the data in worker processes."""

    model: ModelSettings = key(..., "what is trained", source=f"{PAPER}, Figure 1")
    samples: PositiveInt = key(..., "training images", unit="images", source=OURS)
    step: PositiveFloat = key(
        0.05, "factor of a batch's mean gradient; what is learnt does not matter", source=OURS
    )
    batches: Annotated[Distinct[PositiveInt], Field(min_length=2)] = key(
        ..., "batch sizes", unit="samples", source=f"{PAPER}, Figure 1"
    )
    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)] = key(
        [1, 2],
        "numbers of processes that are timed; no more than the machine has cores",
        source=OURS,
    )
    modelled: Distinct[PositiveInt] = key(
        [], "larger numbers of workers, whose time a model gives", source=OURS
    )
    repeats: PositiveInt = key(3, "timed passes, of which the median counts", source=OURS)
    network: NetworkSettings = key(
        NetworkSettings(), "what a message takes in the model", source=OURS
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if 1 not in self.workers:
            raise ValueError(f"workers: found {self.workers}; expected 1 among them")
        most = max([*self.workers, *self.modelled])
        if min(self.batches) < max(self.workers) or max(self.batches) > self.samples:
            raise ValueError(
                f"batches: found {self.batches}; expected {max(self.workers)} to {self.samples}"
            )
        if most > max(self.batches):
            raise ValueError(f"modelled: found {most}; expected at most {max(self.batches)}")
        return self


class DropConnectSettings(TrainingSettings):
    """Time to an accuracy with two worker processes, with DropConnect and without."""

    batches: Annotated[Distinct[BatchSettings], Field(min_length=2)] = key(
        ..., "batch sizes", source=SECTION_4
    )
    drops: Annotated[Distinct[Inside], Field(min_length=1)] = key(
        [0.4, 0.5], "shares of a gradient's entries that are dropped", source=SECTION_4
    )
    accuracy: Percent = key(
        95.0, "accuracy on the training samples to reach", unit="%", source=SECTION_4
    )
    tolerance: PositiveFloat = key(
        0.2,
        "a batch size may need this share more passes than the best one and still count as no loss",
        source=OURS,
    )


class StabilitySettings(Settings):
    """Stability of mini-batch SGD by pairs of samples that differ in one point."""

    samples: PositiveInt = key(200, "n", unit="samples", source=OURS)
    fresh: PositiveInt = key(
        2000, "samples that the generalisation gap is measured on", unit="samples", source=OURS
    )
    step: Inside = key(
        0.5, "the step", unit="of serial SGD's longest stable one, 2 / beta", source=OURS
    )
    passes: PositiveInt = key(10, "passes over the samples", source=OURS)
    batches: Annotated[Distinct[PositiveFloat], Field(min_length=1)] = key(
        [1.0, 4.0, 16.0],
        "batch sizes beside serial SGD's",
        unit="of the paper's bound",
        source=OURS,
    )


class StatementsSettings(Settings):
    """The paper's statements on problems with known constants."""

    samples: Annotated[int, Field(ge=8)] = key(512, "n", unit="samples", source=OURS)
    features: Annotated[int, Field(ge=4)] = key(16, "d", unit="features", source=OURS)
    repetitions: Annotated[int, Field(ge=4)] = key(20, "runs of each theorem", source=OURS)
    epsilon: Inside = key(
        0.1, "accuracy asked for, as a share of what there is at the start", source=OURS
    )
    deltas: Annotated[Distinct[PositiveFloat], Field(min_length=1)] = key(
        [0.5, 1.0, 2.0],
        "delta: batches are delta B_D + 1; serial SGD runs too, and a batch far beyond",
        source=OURS,
    )
    draws: PositiveInt = key(
        400, "surrogates that are drawn to compare with their expectations", source=OURS
    )
    stability: StabilitySettings = key(
        StabilitySettings(), "stability of mini-batch SGD", source=f"{PAPER}, Theorem 5"
    )

    @model_validator(mode="after")
    def _more_samples(self) -> Self:
        if self.samples < 2 * self.features:
            raise ValueError(f"samples: found {self.samples}; expected twice the features at least")
        if self.stability.samples < self.repetitions:
            raise ValueError(
                f"stability.samples: found {self.stability.samples}; expected at least one for "
                f"each of {self.repetitions} repetitions"
            )
        return self


class DiversitySettings(Settings):
    """The section as a whole."""

    seed: NonNegativeInt = key(0, "seed of samples, batches and mechanisms", source=OURS)
    memory: PositiveInt = key(
        512, "memory that per-sample gradients may take", unit="MiB", source=OURS
    )
    confidence: Inside = key(0.95, "confidence of intervals, over repetitions", source=OURS)
    mechanisms: MechanismSettings = key(
        MechanismSettings(), "mechanisms that raise diversity", source=f"{PAPER}, section 3"
    )
    replication: Annotated[Distinct[ReplicationSettings], Field(min_length=1)] = key(
        ..., "training on replicated data, a model each", source=FIGURE_3
    )
    passes: PassesSettings = key(..., "passes to an accuracy", source=f"{PAPER}, Figure 2")
    speedup: SpeedupSettings = key(..., "time of a pass", source=f"{PAPER}, Figure 1")
    dropconnect: DropConnectSettings = key(
        ..., "time to an accuracy in two processes", source=SECTION_4
    )
    statements: StatementsSettings = key(
        StatementsSettings(), "theorems and bounds where constants are known", source=PAPER
    )
