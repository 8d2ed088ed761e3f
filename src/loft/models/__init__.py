"""The networks, by name. A new one is a file in this folder and a line in `DEPTHS`."""

from collections.abc import Mapping

import torch

from loft.models.preresnet import PreActResNet

DEPTHS = {"preresnet18": (2, 2, 2, 2), "preresnet34": (3, 4, 6, 3)}


def build(
    name: str,
    width: int,
    channels: int,
    classes: int,
    filters: Mapping[str, int] | None = None,
    *,
    seed: int | None = None,
) -> PreActResNet:
    """Build a network, initialised from `seed`, or without values (on "meta") where it is None.

    Args:
        name: one of `DEPTHS`.
        width: channels of the first group.
        channels: channels of the images.
        classes: outputs.
        filters: inner widths of blocks that are narrower than full, by block path.
        seed: of the initial weights; torch's own random state is left as it was.
    """
    if seed is None:
        with torch.device("meta"):
            return PreActResNet(DEPTHS[name], width, channels, classes, filters or {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PreActResNet(DEPTHS[name], width, channels, classes, filters or {})
