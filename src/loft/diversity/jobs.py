"""Define the job of each step: every setting that can change its result, and no other."""

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct
from loft.diversity.settings import (
    DropConnectSettings,
    MechanismSettings,
    NetworkSettings,
    PassesSettings,
    ReplicationSettings,
    SpeedupSettings,
    StatementsSettings,
)


class TrainingJob(Settings):
    """The part that all jobs with trainings share."""

    seed: int
    memory: int
    mechanisms: MechanismSettings


class ReplicationJob(TrainingJob):
    """The job of `loft diversity-replication`."""

    replication: ReplicationSettings


class PassesJob(TrainingJob):
    """The job of `loft diversity-passes`."""

    passes: PassesSettings


class SpeedupJob(Settings):
    """The job of `loft diversity-speedup`."""

    seed: int
    memory: int
    workers: int
    speedup: SpeedupSettings


class DropConnectJob(TrainingJob):
    """The job of `loft diversity-dropconnect`."""

    dropconnect: DropConnectSettings


class StatementsJob(Settings):
    """The job of `loft diversity-statements`."""

    seed: int
    statements: StatementsSettings


class ReportJob(Settings):
    """The job of `loft diversity-tables` and `loft diversity-figures`."""

    confidence: float
    network: NetworkSettings
    modelled: Distinct[int]
    tolerance: float
