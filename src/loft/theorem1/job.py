"""Define the settings of each step; a job has only the settings that change its result."""

from loft.core.settings.schema import Settings
from loft.theorem1.settings import FitSettings, TrainingSettings


class Theorem1Job(Settings):
    """Train on one kind of data, the one that is not null."""

    training: TrainingSettings


class Theorem1ReportJob(Settings):
    """Make tables, figures and a summary of what was measured."""

    fit: FitSettings
