"""Where a pipeline cuts a network, and the size of what crosses each cut."""

import torch
from torch import nn


def cuts(layers: nn.Sequential, stages: int) -> list[list[str]]:
    """Return the layers of each stage by path, as Table 1's communication column implies (decoded).

    Two stages are cut after layer2, or after layer1 where the stem pools (ImageNet). Four are cut
    after layer1, layer2 and layer3; with two blocks in layer1 (PreActResNet-18) the printed cost
    has two cuts at that layer's size: after each of its blocks and after layer2.

    Raises:
        ValueError: `stages` is neither 2 nor 4.
    """
    pools = any(
        isinstance(module, nn.MaxPool2d) for module in layers.get_submodule("stem").modules()
    )
    if stages == 2 and pools:
        return [["stem", "layer1"], ["layer2", "layer3", "layer4", "head"]]
    if stages == 2:
        return [["stem", "layer1", "layer2"], ["layer3", "layer4", "head"]]
    if stages != 4:
        raise ValueError(f"{stages} pipeline stages; the paper's cuts are for 2 and 4")
    first = layers.get_submodule("layer1")
    if isinstance(first, nn.Sequential) and len(first) == 2:
        return [["stem", "layer1.0"], ["layer1.1"], ["layer2"], ["layer3", "layer4", "head"]]
    return [["stem", "layer1"], ["layer2"], ["layer3"], ["layer4", "head"]]


def boundaries(
    layers: nn.Sequential, stages: int, batch: int, image: tuple[int, int, int]
) -> list[torch.Tensor]:
    """Return what enters the first stage and leaves each one, as tensors on "meta".

    Args:
        layers: the network, on "meta".
        stages: how many.
        batch: images at a time.
        image: (channels, height, width).
    """
    layers.eval()  # in training BatchNorm refuses a single value a channel, even of no value
    x = torch.empty(batch, *image, device="meta")
    crossing = [x]
    for paths in cuts(layers, stages):
        for path in paths:
            x = layers.get_submodule(path)(x)
        crossing.append(x)
    return crossing
