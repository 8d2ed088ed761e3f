"""Score filters at random, as a control."""

import numpy as np
import torch
from torch import Tensor


def worth(weight: Tensor, random: np.random.Generator) -> Tensor:
    """Return a random number for every filter (filters,)."""
    return torch.from_numpy(random.random(len(weight)))
