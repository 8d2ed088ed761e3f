"""Rank filters by norm, and compute distances between rankings (LoFT section 3.1; v1 2.1).

Legend: R^(X) the ranking of a layer's filters at epoch X by norm, largest first; sigma(i) the rank
in R^(Y) of the i-th element of R^(X); l the length of a ranking.

Pruning ranks by the scores of a criterion (`survivors`, `criteria`), not here.

"""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def ranking(norms: Tensor) -> NDArray[np.int64]:
    """Return filters in descending order of norm, equal norms in order of index.

    Args:
        norms: (filters,), or (epochs, filters) to rank every row. The result has the same shape.
    """
    return np.argsort(-norms.numpy().astype(np.float64), kind="stable")


def filter_distance(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the position-weighted footrule from one ranking to another.

    F(sigma) = sum over i of 1/i * |ln i - ln sigma(i)|, where the i-th element of `first` is the
    sigma(i)-th of `second`. An element that `second` lacks gets rank l + 1. The weights are those
    of the first list, so the distance is not symmetric: it is from `first` to `second`.

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


def filter_distances(rankings: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the filter distance between all pairs of rankings of the same filters.

    Args:
        rankings: (epochs, l), each row a permutation of 0..l-1.

    Returns:
        (epochs, epochs): element (i, j) is the distance from row i to row j (Figure 1).
    """
    i = np.arange(1, rankings.shape[1] + 1)
    places = np.argsort(rankings, axis=1)  # (epochs, l): rank of each filter, from 0
    return np.stack(
        [np.sum(np.abs(np.log(i) - np.log(places[:, row] + 1)) / i, axis=1) for row in rankings]
    )


def expected_distance(length: int) -> float:
    """Return the mean filter distance from a ranking to a uniformly random one.

    Every element is then equally likely at every rank: sum over i of 1/i times the mean over k of
    |ln i - ln k|, i and k from 1 to l.
    """
    i = np.arange(1, length + 1)
    return float(np.sum(np.mean(np.abs(np.log(i)[:, None] - np.log(i)), axis=1) / i))
