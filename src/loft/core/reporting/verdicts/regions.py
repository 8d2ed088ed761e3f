"""Define the regions that statements put a difference in."""

import math
from typing import NamedTuple


class Region(NamedTuple):
    """The open interval in which a statement says that a difference lies."""

    low: float
    high: float


ABOVE_ZERO, BELOW_ZERO = Region(0, math.inf), Region(-math.inf, 0)


def within(margin: float) -> Region:
    """Return the region of equivalence: less than the margin to either side of zero."""
    return Region(-margin, margin)


def ordering(printed: float, margin: float) -> Region:
    """Return the region of a printed difference: below, equivalent or above."""
    if abs(printed) <= margin:
        return within(margin)
    return Region(margin, math.inf) if printed > 0 else Region(-math.inf, -margin)
