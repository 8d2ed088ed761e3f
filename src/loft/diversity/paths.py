"""Make the path of every file of this study, for the rules and for Python.

An argument that is left out stays a wildcard, such as "{objective}", which is what a rule needs.
"""

from pathlib import Path

from loft.core.files.run_paths import LINES
from loft.diversity.settings import DiversitySettings


class Paths:
    """The files of a run.

    Attributes:
        folder: of everything, tables and figures among them.
        passes, dropconnect, statements: the lines of the steps that run once.
    """

    def __init__(self, results: Path) -> None:
        self.folder = results / "diversity"
        self.passes = self._lines("passes")
        self.dropconnect = self._lines("dropconnect")
        self.statements = self._lines("statements")

    def replication(self, objective: str = "{objective}") -> Path:
        """Return what the trainings of a model on replicated data measured."""
        return self._lines("replication", objective)

    def speedup(self, processes: int | str = "{processes}") -> Path:
        """Return what a pass with so many worker processes measured."""
        return self._lines("speedup", str(processes))

    def all_lines(self, diversity: DiversitySettings) -> list[Path]:
        """Return the lines of all jobs of a run."""
        return [
            *(self.replication(own.model.name) for own in diversity.replication),
            *(self.speedup(processes) for processes in diversity.speedup.workers),
            *(self.passes, self.dropconnect, self.statements),
        ]

    def _lines(self, *job: str) -> Path:
        return self.folder.joinpath("metrics", *job, LINES)
