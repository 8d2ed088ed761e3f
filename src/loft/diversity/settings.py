"""The keys under the study's own in a params file: one class a part of the paper."""

from collections.abc import Hashable
from typing import Annotated, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.diversity.models import ModelSettings

Inside = Annotated[float, Field(gt=0, lt=1)]
Percent = Annotated[float, Field(gt=0, le=100)]
Factors = Annotated[Distinct[PositiveInt], Field(min_length=1)]


class MechanismSettings(Settings):
    """How strong each mechanism is."""

    dropconnect: Inside  # share of a gradient's entries that is dropped
    sgld: PositiveFloat  # the noise's mean squared length, times that of the first gradients
    qsgd: PositiveInt  # levels


class BatchSettings(Settings):
    """A batch size and the constant steps of which the best is taken."""

    size: PositiveInt
    steps: Annotated[Distinct[PositiveFloat], Field(min_length=1)]  # times the sum of gradients

    @property
    def told_by(self) -> Hashable:
        return self.size


class TrainingSettings(Settings):
    """What is trained, on how much, and how often it is looked at."""

    model: ModelSettings
    threads: PositiveInt  # per process
    samples: PositiveInt  # training images, of the classes that the model tells apart
    passes: PositiveInt  # each as many samples, drawn with replacement
    looks: PositiveInt  # at the loss, equally spaced
    repetitions: Annotated[int, Field(ge=2)]  # after one more, on which steps are tuned


class FactorSettings(Settings):
    """Replication factors r, for the plain gradient and for each mechanism that is tried."""

    none: Factors
    dropconnect: Factors | None = None
    sgld: Factors | None = None
    qsgd: Factors | None = None

    def given(self) -> dict[str, list[int]]:
        """Return the factors of the mechanisms that are tried."""
        return {name: factors for name, factors in self if factors is not None}


class ReplicationSettings(TrainingSettings):
    """Figure 3 for a model: loss of large over small batches on replicated data."""

    batches: Annotated[Distinct[BatchSettings], Field(min_length=2, max_length=2)]  # small, large
    factors: FactorSettings
    measured: Annotated[int, Field(ge=2)]  # samples that diversity is estimated from, at most

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
        for name, factors in self.factors.given().items():
            if not {*factors} <= {*plain}:
                raise ValueError(f"factors.{name}: found {factors}; expected some of {plain}")
        for factor in plain:
            if self.samples % factor:
                raise ValueError(f"factors.none: found {factor}; expected divisors of samples")
        return self


class PassesSettings(TrainingSettings):
    """Figure 2: passes to an accuracy in training, for each batch size."""

    batches: Annotated[Distinct[BatchSettings], Field(min_length=2)]
    accuracy: Percent  # of the training samples


class NetworkSettings(Settings):
    """What a message takes, where Figure 1 goes beyond the processes that were measured."""

    latency: NonNegativeFloat  # seconds a message
    bandwidth: PositiveFloat  # bytes a second, of each worker's link


class SpeedupSettings(Settings):
    """Figure 1: one pass over the data in worker processes."""

    model: ModelSettings
    samples: PositiveInt
    step: PositiveFloat  # times the mean of gradients; what is learnt does not matter
    batches: Annotated[Distinct[PositiveInt], Field(min_length=2)]
    workers: Annotated[Distinct[PositiveInt], Field(min_length=1)]  # processes that are measured
    modelled: Distinct[PositiveInt]  # numbers of workers beyond them
    repeats: PositiveInt  # passes, of which the median counts
    network: NetworkSettings

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

    batches: Annotated[Distinct[BatchSettings], Field(min_length=2)]
    drops: Annotated[Distinct[Inside], Field(min_length=1)]
    accuracy: Percent
    tolerance: PositiveFloat  # more passes, as a share, that are no loss of convergence


class StabilitySettings(Settings):
    """Stability of mini-batch SGD by pairs of samples that differ in one point."""

    samples: PositiveInt
    fresh: PositiveInt  # samples that the generalisation gap is measured on
    step: Inside  # of the longest stable step of serial SGD, 2 / beta
    passes: PositiveInt
    batches: Annotated[
        Distinct[PositiveFloat], Field(min_length=1)
    ]  # times the bound; 1 runs anyway

    @property
    def updates(self) -> int:
        """T."""
        return self.samples * self.passes


class StatementsSettings(Settings):
    """The paper's statements on problems with known constants."""

    samples: Annotated[int, Field(ge=8)]
    features: Annotated[int, Field(ge=4)]
    repetitions: Annotated[int, Field(ge=4)]
    epsilon: Inside  # accuracy asked for, as a share of what there is at the start
    deltas: Annotated[
        Distinct[PositiveFloat], Field(min_length=1)
    ]  # B = delta B_D + 1; 0 runs anyway
    draws: PositiveInt  # of surrogates, to hold against their expectations
    stability: StabilitySettings

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
