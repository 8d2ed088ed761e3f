"""Rankings of filters by norm, and how far apart they are (LoFT section 3.1; v1 section 2.1).

Legend: R^(X) the ranking of a layer's filters at epoch X by l2 norm, largest first; sigma(i) the
rank in R^(Y) of the i-th element of R^(X); l the length of a pruned list.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def filter_norms(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the l2 norm of every filter of every convolution: weight name -> (filters,)."""
    return {
        name.removesuffix(".weight"): torch.linalg.vector_norm(tensor.float(), dim=(1, 2, 3)).cpu()
        for name, tensor in state.items()
        if tensor.ndim == 4
    }


def ranking(norms: Tensor) -> NDArray[np.int64]:
    """Return filters in descending order of norm, equal norms in order of index: (filters,)."""
    return np.argsort(-norms.numpy().astype(np.float64), kind="stable")


def filter_distance(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the position-weighted footrule from one ranking to another.

    F(sigma) = sum over i of 1/i * |ln i - ln sigma(i)|, where the i-th element of `first` is the
    sigma(i)-th of `second`. An element that `second` lacks counts as if it were at rank l + 1. The
    weights are those of the first list, so the distance is not symmetric: this is from `first`
    to `second`.

    Args:
        first: elements in order, best first (l,), each once.
        second: likewise (l,); for pruned lists the elements may differ.

    Raises:
        ValueError: the lists differ in length.
    """
    if len(first) != len(second):
        raise ValueError(f"rankings of {len(first)} and {len(second)} elements")
    length = len(first)
    place = {int(element): rank for rank, element in enumerate(second, start=1)}
    sigma = np.array([place.get(int(element), length + 1) for element in first])
    i = np.arange(1, length + 1)
    return float(np.sum(np.abs(np.log(i) - np.log(sigma)) / i))
