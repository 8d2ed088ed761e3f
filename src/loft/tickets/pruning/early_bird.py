"""Compute Early-Bird's pruning masks and the distances between them (You et al., 2019).

The scale factors |gamma| of all BatchNorms of a network are ranked together, and a ratio of the
channels is pruned; the mask says which channels stay. The distance between two masks is the share
of channels on which they differ, the normalised Hamming distance (arXiv:1909.11957).
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from loft.tickets.network.ranking import ranking
from loft.tickets.network.survivors import removed

Masks = NDArray[np.bool_]


def channel_masks(scales: Mapping[str, Tensor], ratio: float) -> Masks:
    """Return the mask of every epoch: (epochs, channels), True where a channel stays.

    Args:
        scales: layer -> (epochs, channels of the layer), the scale factors of every BatchNorm.
        ratio: fraction of channels to prune, in [0, 1).
    """
    order = ranking(torch.cat(list(scales.values()), dim=1))
    channels = order.shape[1]
    masks = np.zeros(order.shape, dtype=np.bool_)
    np.put_along_axis(masks, order[:, : channels - removed(channels, ratio)], True, axis=1)
    return masks


def mask_distance(first: Masks, second: Masks) -> float:
    """Return the share of channels on which two masks differ, in [0, 1]; symmetric.

    Args:
        first: (channels,).
        second: likewise.

    Raises:
        ValueError: the masks differ in length.
    """
    if len(first) != len(second):
        raise ValueError(f"masks of {len(first)} and {len(second)} channels")
    return float(np.mean(first != second))


def mask_distances(masks: Masks) -> NDArray[np.float64]:
    """Return the distance between all pairs of masks: (epochs, channels) -> (epochs, epochs)."""
    return np.array([[mask_distance(first, second) for second in masks] for first in masks])
