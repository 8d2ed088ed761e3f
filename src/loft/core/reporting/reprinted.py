"""Define what a study returns after making its tables and figures again from lines."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Reprinted(NamedTuple):
    """What a study's tables and figures were made from.

    Attributes:
        lines: files of lines.
        left: names of figures that were not drawn, because they need more than lines.
        updates: further files of lines, which the study of diversity reads.
        missing: seeds of the run that are left out, because lines of theirs are not there.
    """

    lines: list[Path]
    left: list[str]
    updates: Sequence[Path] = ()
    missing: Sequence[int] = ()
