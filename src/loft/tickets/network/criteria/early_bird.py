"""Score filters by the scale of their BatchNorm, as Early-Bird does (You et al., 2019, section 3).

Early-Bird ranks the channels of all BatchNorms together, and trains with an l1 penalty on their
scales (`scale_penalty` of an optimizer). Here every block loses the same ratio of its filters, as
with all criteria. An untrained network's scales are all 1, so its first filters stay.
"""

from torch import Tensor


def worth(scale: Tensor) -> Tensor:
    """Return |gamma| of every filter's channel (filters,)."""
    return scale.float().abs()
