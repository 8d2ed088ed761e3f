"""Tensors as one flat buffer, the form in which networks travel between workers."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor


def pack(tensors: Mapping[str, Tensor]) -> Tensor:
    """Return all elements in order of the mapping, one contiguous tensor (n,)."""
    with torch.no_grad():
        return torch.cat([tensor.reshape(-1) for tensor in tensors.values()])


def unpack(buffer: Tensor, tensors: Mapping[str, Tensor]) -> None:
    """Write what `pack` packed into tensors of the same names, shapes and order."""
    parts = buffer.split([tensor.numel() for tensor in tensors.values()])
    with torch.no_grad():
        for part, tensor in zip(parts, tensors.values(), strict=True):
            tensor.copy_(part.view(tensor.shape))


def elements(tensors: Mapping[str, Tensor]) -> int:
    """Return the length of the packed buffer."""
    return sum(tensor.numel() for tensor in tensors.values())


def statistics(names: Iterable[str]) -> list[str]:
    """Return the names of BatchNorm's running means and variances."""
    return [name for name in names if name.endswith((".running_mean", ".running_var"))]
