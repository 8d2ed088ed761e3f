"""Compute the norms of a network's filters and the scale factors of its channels.

Filters have three norms: LoFT ranks by l2 and says that other norms behave alike (section 3.1,
footnote 3). A channel's scale factor is |gamma| of its BatchNorm, by which Early-Bird prunes (You
et al., 2019, arXiv:1909.11957).
"""

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

FILTER_NORMS = {"l1": 1.0, "l2": 2.0, "max": math.inf}  # name -> order of the norm
SCALE = "scale"
ALL_NORMS = (*FILTER_NORMS, SCALE)


def filter_norms(state: Mapping[str, Tensor], norm: str) -> dict[str, Tensor]:
    """Return one norm of every filter of every convolution: layer -> (filters,).

    Args:
        state: a network's tensors by name; weights of four dimensions are convolutions.
        norm: one of `FILTER_NORMS`.
    """
    order = FILTER_NORMS[norm]
    return {
        name.removesuffix(".weight"): torch.linalg.vector_norm(
            tensor.float(), order, dim=(1, 2, 3)
        ).cpu()
        for name, tensor in state.items()
        if tensor.ndim == 4
    }


def scale_factors(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return |gamma| of every channel of every BatchNorm: layer -> (channels,)."""
    layers = [name.removesuffix(".running_var") for name in state if name.endswith(".running_var")]
    return {layer: state[f"{layer}.weight"].float().abs().cpu() for layer in layers}


def measure_norms(state: Mapping[str, Tensor], kinds: Iterable[str]) -> dict[str, Tensor]:
    """Return the norms of a network by kind and layer: "l2/layer1.0.conv1" -> (filters,).

    Args:
        state: the network's tensors by name.
        kinds: some of `ALL_NORMS`. Pretraining records all of them, for the distances. Fine-tuning
            records only l2, to save storage: no step reads its norms.
    """
    return {
        f"{kind}/{layer}": values
        for kind in kinds
        for layer, values in (
            scale_factors(state) if kind == SCALE else filter_norms(state, kind)
        ).items()
    }


def norm_lengths(state: Mapping[str, Tensor]) -> dict[str, int]:
    """Return the keys of `measure_norms` for all kinds -> number of filters or channels.

    Args:
        state: the network's tensors by name; they may be on "meta".
    """
    filters = {name: len(tensor) for name, tensor in state.items() if tensor.ndim == 4}
    found = {
        f"{norm}/{name.removesuffix('.weight')}": count
        for norm in FILTER_NORMS
        for name, count in filters.items()
    }
    for name, tensor in state.items():
        if name.endswith(".running_var"):
            found[f"{SCALE}/{name.removesuffix('.running_var')}"] = len(tensor)
    return found


def of_kind(recorded: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Return the norms of one kind from a record: layer -> values."""
    prefix = f"{kind}/"
    return {
        name.removeprefix(prefix): values
        for name, values in recorded.items()
        if name.startswith(prefix)
    }
