"""Names of what a run trains: cells (a method and its workers), controls, and the dense column."""

from typing import Literal, NamedTuple, get_args

Control = Literal["random", "scratch"]
CONTROLS = get_args(Control)  # tickets that no pretraining chose, named like cells


DENSE = "dense"  # the method, and its cell, that all others are compared with; it has no workers
UNPRUNED = "unpruned"  # the run of the dense column, named like a cell


class Cell(NamedTuple):
    """A pretraining method and its number of workers: one row of Table 1."""

    method: str
    workers: int

    @property
    def name(self) -> str:
        """How paths and figures call it: `dense`, `loft-4`."""
        return self.method if self.method == DENSE else f"{self.method}-{self.workers}"

    @classmethod
    def parse(cls, name: str) -> "Cell":
        method, _, workers = name.partition("-")
        return cls(method, int(workers or 1))
