"""Return the names, colours and marks of methods, controls and cells for all figures and tables.

Colour and mark show the method, dashes the number of workers, so figures can be read in grey.
"""

from typing import Any

from loft.tickets.methods.interface import Look, find
from loft.tickets.results.cells import DENSE, Cell

CONTROLS = {
    "random": Look("Random ticket", colour="#cc78bc", mark="", across=":"),
    "scratch": Look("From scratch", colour="#ca9161", mark="", across="-."),
    "synflow": Look("SynFlow ticket", colour="#a6761d", mark="", across=(0, (3, 1, 1, 1))),
}
DASHES: dict[int, str | tuple[int, ...]] = {  # for 1 to 8 workers, then repeated
    **{1: "", 2: "", 3: (6, 1), 4: (4, 2), 5: (5, 1, 1, 1)},
    **{6: (5, 1, 1, 1, 1, 1), 7: (2, 1), 8: (1, 1)},
}


def look(name: str) -> Look:
    """Return the look of a method or a control."""
    return CONTROLS[name] if name in CONTROLS else find(name).look


def title(cell: str) -> str:
    """Return a cell's name for readers: `local_sgd-2` -> "Local SGD-2"."""
    method, workers = Cell.parse(cell)
    alone = method == DENSE or method in CONTROLS
    return look(method).title if alone else f"{look(method).title}-{workers}"


def dash(workers: int) -> str | tuple[int, ...]:
    """Return the dashes of a line for a number of workers, in seaborn's form."""
    return DASHES[(workers - 1) % len(DASHES) + 1]


def seaborn_style(cells: list[str]) -> dict[str, Any]:
    """Return seaborn's arguments for the lines of cells, by the cells' titles."""
    parsed = {title(cell): Cell.parse(cell) for cell in cells}
    return {
        "palette": {name: look(cell.method).colour for name, cell in parsed.items()},
        "markers": {name: look(cell.method).mark for name, cell in parsed.items()},
        "dashes": {name: dash(cell.workers) for name, cell in parsed.items()},
    }
