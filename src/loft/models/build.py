"""Build a network by name, with initial weights or without values."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import nn

from loft.core.settings.lookup import load
from loft.models import NETWORKS
from loft.models.parts import initialise


def build(
    name: str,
    width: int,
    *,
    channels: int,
    size: int,
    classes: int,
    filters: Mapping[str, int] | None = None,
    seed: int | None = None,
    **own: int,
) -> nn.Sequential:
    """Build a network with weights drawn from `seed`, or on "meta" where `seed` is None.

    Args:
        name: one of `NETWORKS`.
        width: channels of the stem.
        channels, size: of the images; size is the side in pixels.
        classes: number of outputs.
        filters: inner widths of narrowed blocks, by block path such as "layer2.1".
        seed: of the initial weights; torch's default generator does not advance.
        own: settings that only this network has, such as `widening`.
    """
    make: Callable[[], nn.Sequential] = partial(
        load(NETWORKS[name].make), width, channels, size, classes, filters or {}, **own
    )
    if seed is None:
        with torch.device("meta"):
            return make()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = make()
        initialise(network)
    return network
