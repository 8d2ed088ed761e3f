"""Loop over the entries of a mask in code that Numba compiles at the first call.

NumPy would read the vectors a dozen times, each time from main memory. On sparse samples this
took longer than both products with the samples.
"""

import numpy as np
from numba import njit

from loft.soda.logistic import Indices, Support, Vector


@njit(cache=True)
def draw_successes(gaps: Vector, rate: float, last: int, excepted: Support) -> tuple[Indices, int]:
    """Choose each entry after `last` with probability p, independently; return the chosen ones.

    Args:
        gaps: exponential variates; divided by `rate` and rounded up they are geometric.
        rate: -log(1 - p).
        last: the entry that was chosen last, -1 if none.
        excepted: (n,), true for entries that are not returned.

    Returns:
        The chosen entries in ascending order, and the last one; n or more when all entries are
        done.
    """
    found, count, entries = np.empty(len(gaps), np.intp), 0, len(excepted)
    for gap in gaps:
        last += int(min(gap / rate, entries)) + 1
        if last >= entries:
            break
        if not excepted[last]:
            found[count] = last
            count += 1
    return found[:count], last


@njit(cache=True)
def masked_step(
    mask: Indices, w: Vector, gradient: Vector, gamma: float, kept: float, output: Vector
) -> Vector:
    """Set `output` to `kept` w - `gamma` gradient on the mask; return its change there."""
    change = np.empty(len(mask))
    for place, entry in enumerate(mask):
        new = -gamma * gradient[entry] + kept * w[entry]
        change[place] = new - output[entry]
        output[entry] = new
    return change


@njit(cache=True)
def apply_changes(
    where: Indices,
    changes: Vector,
    threshold: float,
    average: Vector,
    w: Vector,
    support: Support,
) -> None:
    """Add changes to the average at `where`, and update `w` and its support there."""
    for place, entry in enumerate(where):
        moved = average[entry] + changes[place]
        average[entry] = moved
        nearest = moved - min(max(moved, -threshold), threshold)
        w[entry] = nearest
        support[entry] = nearest != 0
