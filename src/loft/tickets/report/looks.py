"""Return the names, colours and marks of methods, controls and cells for all figures and tables.

Colour and mark show the method, dashes the number of workers, so figures can be read in grey.
"""

from typing import Any
from zlib import crc32

from loft.tickets.methods import base
from loft.tickets.methods.interface import Look, find
from loft.tickets.results.cells import DENSE, Cell

CONTROLS = {
    "random": Look("Random ticket", colour="#cc78bc", mark="", across=":"),
    "scratch": Look("From scratch", colour="#ca9161", mark="", across="-."),
    "synflow": Look("SynFlow ticket", colour="#a6761d", mark="", across=(0, (3, 1, 1, 1))),
}
VARIANT_MARKS = ("s", "^", "v", "P", "p", "*")
DASHES: dict[int, str | tuple[int, ...]] = {  # for 1 to 8 workers, then repeated
    **{1: "", 2: "", 3: (6, 1), 4: (4, 2), 5: (5, 1, 1, 1)},
    **{6: (5, 1, 1, 1, 1, 1), 7: (2, 1), 8: (1, 1)},
}


def look(name: str) -> Look:
    """Return the look of a method, of its variant or of a control.

    A variant has a lighter colour than its method, and a mark of its own.
    """
    if name in CONTROLS:
        return CONTROLS[name]
    own, variant = find(name).look, name.removeprefix(base(name)).removeprefix(".")
    if not variant:
        return own
    mark = VARIANT_MARKS[crc32(variant.encode()) % len(VARIANT_MARKS)]
    title = f"{own.title} ({variant.replace('_', ' ')})"
    return own._replace(title=title, colour=_lighter(own.colour), mark=mark)


def _lighter(colour: str) -> str:
    """Return a hexadecimal RGB colour mixed with as much white."""
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{(part + 255) // 2:02x}" for part in parts)


def title(cell: str) -> str:
    """Return a cell's name for readers: `local_sgd-2` -> "Local SGD-2"."""
    method, workers = Cell.parse(cell)
    alone = base(method) == DENSE or method in CONTROLS
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
