"""A run of this study: its keys in a params file, and the jobs that they make."""

from typing import Self

from pydantic import model_validator

from loft.core.data.sources import DataSettings
from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.shared import Header
from loft.theorem1.job import Theorem1Job, Theorem1ReportJob
from loft.theorem1.settings import Theorem1Settings, TrainingSettings
from loft.theorem1.sources import given


class Run(Header):
    """The keys of this study."""

    data: DataSettings = key(..., "the images", source=OURS)
    theorem1: Theorem1Settings = key(
        Theorem1Settings(),
        "LoFT against gradient descent on a one-hidden-layer network",
        source=f"{PAPER}, section 5",
    )

    @model_validator(mode="after")
    def _images_in_memory(self) -> Self:
        if self.theorem1.images is not None and self.data.kind != "images":
            raise ValueError(
                f"theorem1.images: found image files ({self.data.name}); "
                "expected data kept in memory, or images: null"
            )
        return self

    def theorem1_job(self, source: str) -> Theorem1Job:
        """Return what a source's job is told: nothing that its numbers do not depend on."""
        others = {name: None for name in given(self.theorem1) if name != source}
        values = self.theorem1.model_dump(exclude={"fit"})
        return Theorem1Job(training=TrainingSettings.model_validate({**values, **others}))

    @property
    def theorem1_report(self) -> Theorem1ReportJob:
        """What the report is told."""
        return Theorem1ReportJob(fit=self.theorem1.fit)
