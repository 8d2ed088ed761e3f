"""Make the path of every file of this study, for the rules and for Python.

An argument that is left out stays a wildcard, such as "{problem}", which is what a rule needs.
"""

from pathlib import Path

from loft.core.files.run_paths import LINES
from loft.soda.settings import SodaSettings


class Paths:
    """The files of a run.

    Attributes:
        folder: of lines, tables and figures.
        kept: the folder of arrays, which DVC keeps with the run's data.
    """

    def __init__(self, results: Path) -> None:
        self.folder = results / "soda"
        self.kept = results / "data" / "soda"

    def samples(self, problem: str = "{problem}") -> Path:
        """Return a problem's normalised samples."""
        return self.kept / problem / "samples.npz"

    def originals(self, problem: str = "{problem}") -> Path:
        """Return the list of files that samples were made from, with their hashes."""
        return self.kept / problem / "originals.json"

    def optimum(self, problem: str = "{problem}") -> Path:
        """Return a problem's minimiser."""
        return self.kept / problem / "optimum.npz"

    def optimum_lines(self, problem: str = "{problem}") -> Path:
        """Return what the solver measured."""
        return self.folder / problem / LINES

    def simulation_lines(self, problem: str = "{problem}", p: float | str = "{p}") -> Path:
        """Return what the simulation with one probability measured."""
        spelt = p if isinstance(p, str) else f"{p:g}"
        return self.folder / problem / f"p{spelt}" / LINES

    def processes_lines(self, problem: str = "{problem}") -> Path:
        """Return what the run of real processes measured."""
        return self.folder / problem / "processes" / LINES

    def all_lines(self, soda: SodaSettings) -> list[Path]:
        """Return the lines of all jobs of a run."""
        found = [self.optimum_lines(problem.name) for problem in soda.problems]
        found += [
            self.simulation_lines(problem.name, p)
            for problem in soda.problems
            if problem.simulate is not None
            for p in problem.simulate.probabilities
        ]
        if soda.processes is not None:
            found.append(self.processes_lines(soda.processes.problem))
        return found
