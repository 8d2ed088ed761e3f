"""The study's section of a params file, `diversity:`, and the jobs that are made of it."""

from typing import Annotated, Any, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from loft.core.data.sources import DataSettings
from loft.core.settings.schema import Settings
from loft.core.settings.shared import Header
from loft.core.settings.values import Distinct
from loft.diversity.jobs import (
    DropConnectJob,
    PassesJob,
    ReplicationJob,
    ReportJob,
    SpeedupJob,
    StatementsJob,
)
from loft.diversity.settings import (
    DropConnectSettings,
    Inside,
    MechanismSettings,
    PassesSettings,
    ReplicationSettings,
    SpeedupSettings,
    StatementsSettings,
)
from loft.models import NETWORKS
from loft.models.settings import last_map


class DiversitySettings(Settings):
    """The study's section."""

    seed: NonNegativeInt
    memory: PositiveInt  # MiB that per-sample gradients may take
    confidence: Inside  # of intervals
    mechanisms: MechanismSettings
    replication: Annotated[Distinct[ReplicationSettings], Field(min_length=1)]
    passes: PassesSettings
    speedup: SpeedupSettings
    dropconnect: DropConnectSettings
    statements: StatementsSettings


class Run(Header):
    """The keys of this study."""

    data: DataSettings
    diversity: DiversitySettings

    @model_validator(mode="after")
    def _diversity_in_memory(self) -> Self:
        if self.data.kind != "images":
            raise ValueError(
                f"diversity: found image files ({self.data.name}); expected data kept in memory"
            )
        return self

    @model_validator(mode="after")
    def _more_than_one_value(self) -> Self:
        """Refuse groups of GroupNorm of one value: a channel of one pixel, of a sample alone."""
        own, size = self.diversity, getattr(self.data, "size", None)
        if size is None or last_map(size) > 1:
            return self
        models = {
            f"replication.{number}": each.model for number, each in enumerate(own.replication)
        }
        models |= {name: getattr(own, name).model for name in ("passes", "speedup", "dropconnect")}
        for key, model in models.items():
            widths = getattr(model, "width", 0) * getattr(model, "widening", 1)
            if model.name in NETWORKS and widths == 1:
                raise ValueError(
                    f"diversity.{key}.model.width: found 1; expected 2 and more where data.size "
                    f"({size}) leaves the last layers one value a channel"
                )
        return self

    def replication_job(self, model: str) -> ReplicationJob:
        (own,) = (each for each in self.diversity.replication if each.model.name == model)
        return ReplicationJob(**self._shared(), replication=own)

    def passes_job(self) -> PassesJob:
        return PassesJob(**self._shared(), passes=self.diversity.passes)

    def speedup_job(self, workers: int) -> SpeedupJob:
        own = self.diversity
        return SpeedupJob(seed=own.seed, memory=own.memory, workers=workers, speedup=own.speedup)

    def dropconnect_job(self) -> DropConnectJob:
        return DropConnectJob(**self._shared(), dropconnect=self.diversity.dropconnect)

    def statements_job(self) -> StatementsJob:
        return StatementsJob(seed=self.diversity.seed, statements=self.diversity.statements)

    def diversity_report(self) -> ReportJob:
        own = self.diversity
        return ReportJob(
            confidence=own.confidence,
            network=own.speedup.network,
            modelled=own.speedup.modelled,
            tolerance=own.dropconnect.tolerance,
        )

    def _shared(self) -> dict[str, Any]:
        return {name: getattr(self.diversity, name) for name in ("seed", "memory", "mechanisms")}
