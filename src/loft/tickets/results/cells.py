"""Names of what a run trains: cells (a method and its workers), controls, and the dense column."""

from typing import Literal, NamedTuple, get_args

from loft.tickets.methods import METHODS

Control = Literal["random", "scratch"]


CONTROLS = get_args(Control)  # tickets that no pretraining chose, named like cells


TITLES = {name: method.title for name, method in METHODS.items()} | {
    "random": "Random ticket",
    "scratch": "From scratch",
}


UNPRUNED = "unpruned"  # the run of the dense column, named like a cell


class Cell(NamedTuple):
    """A pretraining method and its number of workers: one row of Table 1."""

    method: str
    workers: int

    @property
    def name(self) -> str:
        """How paths and figures call it: `dense`, `loft-4`."""
        return self.method if self.method == "dense" else f"{self.method}-{self.workers}"

    @classmethod
    def parse(cls, name: str) -> "Cell":
        method, _, workers = name.partition("-")
        return cls(method, int(workers or 1))
