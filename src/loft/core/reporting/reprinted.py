"""Define what a study returns after making its tables and figures again from lines."""

from pathlib import Path
from typing import NamedTuple


class Reprinted(NamedTuple):
    """The lines that tables and figures were made from, and which figures need more than lines."""

    lines: list[Path]
    left: list[str]
