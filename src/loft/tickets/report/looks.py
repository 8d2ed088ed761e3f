"""Names, colours and marks of methods and cells, the same in every figure.

Colour and mark say the method, the dash how many workers, so that grey print suffices.
"""

import itertools
from typing import Any, NamedTuple

import seaborn as sns

from loft.tickets.methods import METHODS
from loft.tickets.results.cells import TITLES, Cell

PALETTE = sns.color_palette("colorblind")
OURS = {"dense": 7, "gpipe": 0, "local_sgd": 1, "loft": 2, "random": 4, "scratch": 5}
FURTHER = itertools.cycle([3, 6, 8, 9])  # for methods that are added
COLOURS = {name: PALETTE[OURS[name] if name in OURS else next(FURTHER)] for name in TITLES}
MARKS = dict(zip(METHODS, itertools.cycle("DsXo^vP*"), strict=False))
DASHES: dict[
    int, str | tuple[int, ...]
] = {  # of 1 to 8 workers, then again; the paper's counts have the plainest
    **{1: "", 2: "", 3: (6, 1), 4: (4, 2), 5: (5, 1, 1, 1)},
    **{6: (5, 1, 1, 1, 1, 1), 7: (2, 1), 8: (1, 1)},
}


class Look(NamedTuple):
    """How a method, or a control, is drawn. A control has no mark."""

    title: str
    colour: tuple[float, float, float]
    mark: str


def look(method: str) -> Look:
    """Return how a method or a control is drawn."""
    return Look(TITLES[method], COLOURS[method], MARKS.get(method, ""))


def title(cell: str) -> str:
    """Return a cell's name as a reader knows it: `local_sgd-2` -> "Local SGD-2"."""
    method, workers = Cell.parse(cell)
    return look(method).title if method == "dense" else f"{look(method).title}-{workers}"


def dash(workers: int) -> str | tuple[int, ...]:
    """Return how the line of a cell with so many workers is broken, as seaborn wants it."""
    return DASHES[(workers - 1) % len(DASHES) + 1]


def of_cells(cells: list[str]) -> dict[str, Any]:
    """Return how seaborn draws lines of cells, by their titles."""
    parsed = {title(cell): Cell.parse(cell) for cell in cells}
    return {
        "palette": {name: look(cell.method).colour for name, cell in parsed.items()},
        "markers": {name: look(cell.method).mark for name, cell in parsed.items()},
        "dashes": {name: dash(cell.workers) for name, cell in parsed.items()},
    }
