"""Name what a run trains: cells (a method and its workers), controls and the dense column."""

from typing import Literal, NamedTuple, get_args

from loft.tickets.methods import base

Control = Literal["random", "scratch", "synflow"]
CONTROLS = get_args(Control)  # tickets made without the ranking, named like cells
FROM_START = ("scratch", "synflow")  # controls that train for the whole schedule
UNTRAINED = ("synflow",)  # controls that are cut out of the untrained network
DENSE = "dense"  # name of the dense method and of its only cell
UNPRUNED = "unpruned"  # the training of the dense column, named like a cell


class Cell(NamedTuple):
    """A pretraining method and its number of workers: one row of Table 1.

    `method` may name a variant of a method: `loft.reset` is the variant `reset` of `loft`.
    """

    method: str
    workers: int

    @property
    def name(self) -> str:
        """The cell's name in paths and figures, such as `dense` or `loft-4`."""
        return self.method if self.method == DENSE else f"{self.method}-{self.workers}"

    @property
    def base(self) -> str:
        """The method without its variant."""
        return base(self.method)

    @classmethod
    def parse(cls, name: str) -> "Cell":
        method, _, workers = name.partition("-")
        return cls(method, int(workers or 1))
