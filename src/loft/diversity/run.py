"""A run of this study: its keys in a params file, and the jobs that they make."""

from typing import Any, Self

from pydantic import model_validator

from loft.core.data.sources import DataSettings
from loft.core.settings.keys import PAPER, key
from loft.core.settings.shared import Header
from loft.diversity.jobs import (
    DropConnectJob,
    PassesJob,
    ReplicationJob,
    ReportJob,
    SpeedupJob,
    StatementsJob,
)
from loft.diversity.settings import DiversitySettings
from loft.models import NETWORKS
from loft.models.settings import last_map


class Run(Header):
    """The keys of this study."""

    data: DataSettings = key(..., "the images", source=f"{PAPER}, section 4")
    diversity: DiversitySettings = key(..., "gradient diversity", source=PAPER)

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
        for part, model in models.items():
            widths = getattr(model, "width", 0) * getattr(model, "widening", 1)
            if model.name in NETWORKS and widths == 1:
                raise ValueError(
                    f"diversity.{part}.model.width: found 1; expected 2 and more where data.size "
                    f"({size}) leaves the last layers one value a channel"
                )
        return self

    def replication_job(self, model: str) -> ReplicationJob:
        (own,) = (each for each in self.diversity.replication if each.model.name == model)
        return ReplicationJob(**self._of_all_trainings(), replication=own)

    def passes_job(self) -> PassesJob:
        return PassesJob(**self._of_all_trainings(), passes=self.diversity.passes)

    def speedup_job(self, workers: int) -> SpeedupJob:
        own = self.diversity
        return SpeedupJob(seed=own.seed, memory=own.memory, workers=workers, speedup=own.speedup)

    def dropconnect_job(self) -> DropConnectJob:
        return DropConnectJob(**self._of_all_trainings(), dropconnect=self.diversity.dropconnect)

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

    def _of_all_trainings(self) -> dict[str, Any]:
        return {name: getattr(self.diversity, name) for name in ("seed", "memory", "mechanisms")}
