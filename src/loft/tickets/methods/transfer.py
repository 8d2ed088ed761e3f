"""Which tensors of a network travel between workers, and in which form: one flat buffer."""

from collections.abc import Container, Iterable, Mapping

import torch
from torch import Tensor, nn

from loft.tickets.network.blocks import moves_with

MOMENTUM = "momentum/"  # prefix of a parameter's momentum buffer among the tensors that travel


def pack(tensors: Mapping[str, Tensor]) -> Tensor:
    """Return all elements in order of the mapping, one contiguous tensor (n,)."""
    buffer = next(iter(tensors.values())).new_empty(elements(tensors))
    with torch.no_grad():
        for name, part in views(buffer, tensors).items():
            part.copy_(tensors[name])
    return buffer


def views(buffer: Tensor, like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what `pack` packed, as views of the buffer with the names and shapes of `like`."""
    parts = torch.split(buffer, [tensor.numel() for tensor in like.values()])
    return {
        name: part.view(tensor.shape)
        for part, (name, tensor) in zip(parts, like.items(), strict=True)
    }


def unpack(buffer: Tensor, tensors: Mapping[str, Tensor]) -> None:
    """Write what `pack` packed into tensors of the same names, shapes and order."""
    with torch.no_grad():
        for name, part in views(buffer, tensors).items():
            tensors[name].copy_(part)


def elements(tensors: Mapping[str, Tensor]) -> int:
    """Return the length of the packed buffer."""
    return sum(tensor.numel() for tensor in tensors.values())


def statistics(names: Iterable[str]) -> list[str]:
    """Return the names of BatchNorm's running means and variances."""
    return [name for name in names if name.endswith((".running_mean", ".running_var"))]


def whole(network: nn.Module) -> list[str]:
    """Name everything that makes a network: parameters, then running statistics."""
    parameters = [name for name, _ in network.named_parameters()]
    return parameters + statistics(network.state_dict())


def merged(
    network: nn.Module, batch_norm: str, filters: Container[str] = (), momentum: bool = False
) -> list[str]:
    """Name what workers exchange when they merge their networks, in the order of packing.

    Args:
        network: any of theirs.
        batch_norm: where the merged network's running statistics come from. Those that are to be
            recalibrated do not travel. Where they are carried, those of partitioned BatchNorms
            travel with their filters and the others stay with their worker.
        filters: paths of the partitioned blocks.
        momentum: whether momentum buffers travel.
    """
    parameters = [name for name, _ in network.named_parameters()]
    running = statistics(network.state_dict())
    if batch_norm == "recalibrate":
        running = []
    elif batch_norm == "carry":
        running = [name for name in running if moves_with(name, filters)]
    return parameters + running + [MOMENTUM + name for name in parameters if momentum]
