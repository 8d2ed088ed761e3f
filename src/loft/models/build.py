"""Building a network, with initial values or without."""

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
    """Build a network, initialised from `seed`, or without values (on "meta") where it is None.

    Args:
        name: one of `NETWORKS`.
        width: channels of the stem.
        channels, size: of the images, pixels a side.
        classes: outputs.
        filters: inner widths of blocks that are narrower than full, by block path.
        seed: of the initial weights; torch's own random state is left as it was.
        own: what only this network has, such as `widening`.
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
