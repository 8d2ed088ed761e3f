"""Define the job of each step: every setting that can change its result, and no other."""

from collections.abc import Hashable
from typing import Literal

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.soda.settings import (
    DataSettings,
    NetworkSettings,
    Normalisation,
    PaperData,
)


class SamplesJob(Settings):
    """The job of `loft soda-samples`."""

    data: DataSettings
    normalisation: Normalisation


class Penalties(Settings):
    """A problem's name, normalisation and penalties."""

    problem: str
    normalisation: Normalisation
    lambda_1: float
    lambda_2: float


class OptimumJob(Penalties):
    """The job of `loft soda-optimum`."""

    kkt_tolerance: float


class RunJob(Penalties):
    """The part of a job that simulated and real runs share."""

    gamma: float | None
    seed: int
    workers: int
    target: float
    epochs: int
    measure_every: int
    p: float


class SimulateJob(RunJob):
    """The job of `loft soda-simulate`."""

    repetitions: int
    network: NetworkSettings
    restart_patience: int
    curve_points: int  # 0: no curve is kept


class ProcessesJob(RunJob):
    """The job of `loft soda-processes`."""


class Shown(Settings):
    """The figures that show a problem, and the data set that it stands for."""

    problem: str
    stands_for: PaperData | None
    figures: Distinct[Literal[1, 2, 3]]

    @property
    def told_by(self) -> Hashable:
        return self.problem


class ReportJob(Settings):
    """The job of `loft soda-tables`, `loft soda-figures` and `loft soda-compare`."""

    problems: Distinct[Shown]
