"""Make the path of every file of this study, for the rules and for Python.

An argument that is left out stays a wildcard, such as "{source}", which is what a rule needs.
"""

from pathlib import Path

from loft.core.files.run_paths import LINES
from loft.theorem1.settings import TrainingSettings
from loft.theorem1.sources import given

SUMMARY = "README.md"


class Paths:
    """The files of a run.

    Attributes:
        folder: of everything, tables and figures among them.
        summary: of the study, in words.
    """

    def __init__(self, results: Path) -> None:
        self.folder = results / "theorem1"
        self.summary = self.folder / SUMMARY

    def lines(self, source: str = "{source}") -> Path:
        """Return what a training on one kind of data measured."""
        return self.folder / "metrics" / source / LINES

    def all_lines(self, settings: TrainingSettings) -> list[Path]:
        """Return the lines of all trainings of a run."""
        return [self.lines(source) for source in given(settings)]
