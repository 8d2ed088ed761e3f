"""What each step of this study is told. No job holds what does not change its result."""

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
    """What `loft soda-samples` is told."""

    data: DataSettings
    normalisation: Normalisation


class Penalties(Settings):
    """What makes samples a problem, and its names."""

    problem: str
    normalisation: Normalisation
    lambda_1: float
    lambda_2: float


class OptimumJob(Penalties):
    """What `loft soda-optimum` is told."""

    kkt_tolerance: float


class RunJob(Penalties):
    """What both engines are told."""

    gamma: float | None
    seed: int
    workers: int
    target: float
    epochs: int
    measure_every: int
    p: float


class SimulateJob(RunJob):
    """What `loft soda-simulate` is told."""

    repetitions: int
    network: NetworkSettings
    restart_patience: int
    curve_points: int  # 0: no curve is kept


class ProcessesJob(RunJob):
    """What `loft soda-processes` is told."""


class Shown(Settings):
    """Where a problem appears."""

    problem: str
    stands_for: PaperData | None
    figures: Distinct[Literal[1, 2, 3]]

    @property
    def told_by(self) -> Hashable:
        return self.problem


class ReportJob(Settings):
    """What `loft soda-tables` and `loft soda-figures` are told."""

    problems: Distinct[Shown]
