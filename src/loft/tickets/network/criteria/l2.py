"""Score filters by their l2 norm, the paper's criterion (LoFT section 6)."""

import torch
from torch import Tensor


def worth(weight: Tensor) -> Tensor:
    """Return every filter's l2 norm (filters,)."""
    norms: Tensor = torch.linalg.vector_norm(weight.float(), dim=(1, 2, 3))
    return norms
