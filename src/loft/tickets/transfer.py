"""Tensors as one flat buffer, the form in which networks travel between workers."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


def pack(tensors: Mapping[str, Tensor]) -> Tensor:
    """Return all elements in order of the mapping, one contiguous tensor (n,)."""
    with torch.no_grad():
        return torch.cat([tensor.reshape(-1) for tensor in tensors.values()])


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
