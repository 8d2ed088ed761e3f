"""Loops over the entries of a mask, compiled when they are first called.

numpy would go over the entries a dozen times, each time through vectors that have left the
processor's caches meanwhile: on sparse samples that took longer than both products with them.
"""

import numpy as np
from numba import njit

from loft.soda.logistic import Indices, Support, Vector


@njit(cache=True)
def draw_successes(gaps: Vector, rate: float, last: int, excepted: Support) -> tuple[Indices, int]:
    """Return where independent trials succeed, one for each entry beyond `last`.

    Args:
        gaps: exponential variates; divided by `rate` and rounded up they are geometric.
        rate: -log(1 - p) of a success's probability p.
        last: the success before, -1 if none.
        excepted: (n,), entries that are left out.

    Returns:
        The entries, ascending, and the last success, n or more where there are no trials left.
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
    """Set `output` on the mask to `kept` w - `gamma` gradient; return how much it changed there."""
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
    """Add changes to the average, and take the proximal step to `w` and its support there."""
    for place, entry in enumerate(where):
        moved = average[entry] + changes[place]
        average[entry] = moved
        nearest = moved - min(max(moved, -threshold), threshold)
        w[entry] = nearest
        support[entry] = nearest != 0
