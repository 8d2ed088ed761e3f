"""The networks, by name. A new one is a file in this folder and a line in `NETWORKS`.

A network is an `nn.Sequential` of `stem`, groups of blocks and `head`, so that it can be cut into
stages; its blocks have `conv1`, `between` and `conv2` (see `loft.tickets.blocks`).
"""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import nn

from loft.models.parts import initialise
from loft.models.preresnet import PreActResNet
from loft.models.resnet import ResNet
from loft.models.wideresnet import WideResNet

DEPTHS_18, DEPTHS_34 = (2, 2, 2, 2), (3, 4, 6, 3)  # blocks in each group

NETWORKS: dict[str, Callable[..., nn.Sequential]] = {
    "preresnet18": partial(PreActResNet, DEPTHS_18),
    "preresnet34": partial(PreActResNet, DEPTHS_34),
    "resnet18": partial(ResNet, DEPTHS_18),
    "resnet34": partial(ResNet, DEPTHS_34),
    "wideresnet18": partial(WideResNet, DEPTHS_18),
    "wideresnet34": partial(WideResNet, DEPTHS_34),
}


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
    make = partial(NETWORKS[name], width, channels, size, classes, filters or {}, **own)
    if seed is None:
        with torch.device("meta"):
            return make()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = make()
        initialise(network)
    return network
