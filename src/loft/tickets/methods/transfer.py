"""Select the tensors that workers exchange, and pack them into one flat buffer."""

from collections.abc import Container, Iterable, Mapping

import torch
from torch import Tensor, nn

from loft.tickets.network.blocks import moves_with

MOMENTUM = "momentum/"  # prefix of the names of momentum buffers


def pack(tensors: Mapping[str, Tensor]) -> Tensor:
    """Return all elements in the mapping's order as one contiguous tensor (n,)."""
    buffer = next(iter(tensors.values())).new_empty(elements(tensors))
    with torch.no_grad():
        for name, part in views(buffer, tensors).items():
            part.copy_(tensors[name])
    return buffer


def views(buffer: Tensor, like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return views of a packed buffer, with the names and shapes of `like`."""
    parts = torch.split(buffer, [tensor.numel() for tensor in like.values()])
    return {
        name: part.view(tensor.shape)
        for part, (name, tensor) in zip(parts, like.items(), strict=True)
    }


def unpack(buffer: Tensor, tensors: Mapping[str, Tensor]) -> None:
    """Copy a packed buffer into tensors of the same shapes and order."""
    with torch.no_grad():
        for name, part in views(buffer, tensors).items():
            tensors[name].copy_(part)


def elements(tensors: Mapping[str, Tensor]) -> int:
    """Return the length of the packed buffer."""
    return sum(tensor.numel() for tensor in tensors.values())


def statistics(names: Iterable[str]) -> list[str]:
    """Return the names of BatchNorm's running means and variances."""
    return [name for name in names if name.endswith((".running_mean", ".running_var"))]


def network_tensors(network: nn.Module) -> list[str]:
    """Return the names of a network's parameters, followed by its running statistics."""
    parameters = [name for name, _ in network.named_parameters()]
    return parameters + statistics(network.state_dict())


def exchanged_tensors(
    network: nn.Module, batch_norm: str, filters: Container[str] = (), momentum: bool = False
) -> list[str]:
    """Return the names of the tensors that workers exchange to merge networks, in packing order.

    Args:
        network: a worker's network.
        batch_norm: source of the merged network's running statistics. "recalibrate": none are
            exchanged. "carry": those of partitioned BatchNorms are sent with their filters, the
            others stay with their worker. "average": all are exchanged.
        filters: paths of the partitioned blocks.
        momentum: whether momentum buffers are exchanged.
    """
    parameters = [name for name, _ in network.named_parameters()]
    running = statistics(network.state_dict())
    if batch_norm == "recalibrate":
        running = []
    elif batch_norm == "carry":
        running = [name for name in running if moves_with(name, filters)]
    return parameters + running + [MOMENTUM + name for name in parameters if momentum]
