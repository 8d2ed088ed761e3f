"""Compare the filters of two partitions, and take filters out of tensors and put them back."""

from collections.abc import Mapping

import torch
from torch import Tensor

from loft.tickets.network.blocks import Filters, moves_with

Tensors = dict[str, Tensor]


def moving(tensors: Mapping[str, Tensor], filters: Filters) -> Tensors:
    """Return the tensors that move with filters of the blocks named."""
    return {name: tensor for name, tensor in tensors.items() if moves_with(name, filters)}


def left_out(partition: list[Filters], like: Tensors) -> Filters:
    """Return the filters of each block that no worker has, ascending.

    Args:
        partition: P_t.
        like: W's tensors, for how many filters there are.
    """
    found = {}
    for path in partition[0]:
        every = torch.arange(like[f"{path}.conv1.weight"].shape[0])
        had = torch.cat([filters[path] for filters in partition])
        found[path] = every[~torch.isin(every, had)]
    return found


def number(filters: Filters) -> int:
    """Return how many filters there are, of all blocks together."""
    return sum(len(kept) for kept in filters.values())


def common(first: Filters, second: Filters) -> Filters:
    """Return the filters that both have, by block, ascending."""
    return {path: kept[torch.isin(kept, second[path])] for path, kept in first.items()}


def places(filters: Filters, some: Filters) -> Filters:
    """Return where `some` of the ascending `filters` are among them."""
    return {path: torch.searchsorted(filters[path], chosen) for path, chosen in some.items()}


def put(tensors: Tensors, filters: Filters, part: Mapping[str, Tensor]) -> None:
    """Write the part of the named `filters` into tensors: what `narrow` takes out."""
    with torch.no_grad():
        for name, tensor in part.items():
            move = moves_with(name, filters)
            assert move is not None
            path, dimension = move
            index = filters[path].to(tensors[name].device)
            tensors[name].index_copy_(dimension, index, tensor)
