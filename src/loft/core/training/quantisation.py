"""Split numbers into whole levels and a rest, for random rounding (QSGD, Alistarh et al., 2017)."""

import torch
from torch import Tensor


def split(values: Tensor, norms: Tensor, levels: int) -> tuple[Tensor, Tensor, Tensor]:
    """Split the size of every number into levels, of which `levels` make up its row's norm.

    A number rounds up with the probability of its rest, so that its expectation stays what it is:
    equation 4 in section 3.1.

    Args:
        values: rows (b, d).
        norms: norm of each row (b, 1), at least as large as its largest number.
        levels: s.

    Returns:
        The size of a level (b, 1), the whole levels (b, d), and the rest in levels (b, d), from
        [0, 1).
    """
    level = norms / levels
    scaled = values.abs() / level.clamp_min(torch.finfo(values.dtype).tiny)
    whole = scaled.floor()
    return level, whole, scaled - whole
