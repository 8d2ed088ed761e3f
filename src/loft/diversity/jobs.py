"""What each step of this study is told. No job holds what does not change its result."""

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
    """What all jobs that train are told."""

    seed: int
    memory: int
    mechanisms: MechanismSettings


class ReplicationJob(TrainingJob):
    """What `loft diversity-replication` is told."""

    replication: ReplicationSettings


class PassesJob(TrainingJob):
    """What `loft diversity-passes` is told."""

    passes: PassesSettings


class SpeedupJob(Settings):
    """What `loft diversity-speedup` is told."""

    seed: int
    memory: int
    workers: int
    speedup: SpeedupSettings


class DropConnectJob(TrainingJob):
    """What `loft diversity-dropconnect` is told."""

    dropconnect: DropConnectSettings


class StatementsJob(Settings):
    """What `loft diversity-statements` is told."""

    seed: int
    statements: StatementsSettings


class ReportJob(Settings):
    """What makes tables and figures is told."""

    confidence: float
    network: NetworkSettings
    modelled: Distinct[int]
    tolerance: float
