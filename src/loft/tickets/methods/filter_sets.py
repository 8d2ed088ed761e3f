"""Compare the filters of two partitions, and write filters into tensors."""

from collections.abc import Mapping

import torch
from torch import Tensor

from loft.tickets.network.blocks import Filters, moves_with

Tensors = dict[str, Tensor]


def moving(tensors: Mapping[str, Tensor], filters: Filters) -> Tensors:
    """Return the tensors that belong to filters of the given blocks."""
    return {name: tensor for name, tensor in tensors.items() if moves_with(name, filters)}


def left_out(partition: list[Filters], like: Tensors) -> Filters:
    """Return the filters of each block that no worker has, ascending.

    Args:
        partition: the filters of each worker.
        like: W's tensors, whose shapes give the numbers of filters.
    """
    found = {}
    for path in partition[0]:
        every = torch.arange(like[f"{path}.conv1.weight"].shape[0])
        had = torch.cat([filters[path] for filters in partition])
        found[path] = every[~torch.isin(every, had)]
    return found


def count(filters: Filters) -> int:
    """Return the number of filters in all blocks together."""
    return sum(len(kept) for kept in filters.values())


def common(first: Filters, second: Filters) -> Filters:
    """Return the filters that both sets contain, by block, ascending."""
    return {path: kept[torch.isin(kept, second[path])] for path, kept in first.items()}


def positions(filters: Filters, some: Filters) -> Filters:
    """Return the positions of `some` filters in the ascending `filters`, by block."""
    return {path: torch.searchsorted(filters[path], chosen) for path, chosen in some.items()}


def put_back(tensors: Tensors, filters: Filters, part: Mapping[str, Tensor]) -> None:
    """Write the tensors of some filters into whole tensors; the inverse of `narrow`."""
    with torch.no_grad():
        for name, tensor in part.items():
            move = moves_with(name, filters)
            assert move is not None
            path, dimension = move
            index = filters[path].to(tensors[name].device)
            tensors[name].index_copy_(dimension, index, tensor)
