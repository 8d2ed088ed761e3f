"""Names, colours and marks of methods, controls and cells, the same in every figure and table.

Colour and mark say the method, the dash how many workers, so that grey print suffices.
"""

from typing import Any

from loft.tickets.methods.interface import Look, find
from loft.tickets.results.cells import DENSE, Cell

CONTROLS = {
    "random": Look("Random ticket", colour="#cc78bc", mark="", across=":"),
    "scratch": Look("From scratch", colour="#ca9161", mark="", across="-."),
}
DASHES: dict[
    int, str | tuple[int, ...]
] = {  # of 1 to 8 workers, then again; the paper's counts have the plainest
    **{1: "", 2: "", 3: (6, 1), 4: (4, 2), 5: (5, 1, 1, 1)},
    **{6: (5, 1, 1, 1, 1, 1), 7: (2, 1), 8: (1, 1)},
}


def look(name: str) -> Look:
    """Return how a method or a control is shown."""
    return CONTROLS[name] if name in CONTROLS else find(name).look


def title(cell: str) -> str:
    """Return a cell's name as a reader knows it: `local_sgd-2` -> "Local SGD-2"."""
    method, workers = Cell.parse(cell)
    alone = method == DENSE or method in CONTROLS
    return look(method).title if alone else f"{look(method).title}-{workers}"


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
