"""Cut a network into the stages of a pipeline, and find the shapes between stages."""

import copy
from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from loft.core.settings.shared import ComputeSettings
from loft.core.training.learner import precision_context, resolve_precision


class Stage(nn.Module):
    """Some consecutive layers, whose output to the next stage is contiguous float32.

    The output has the values of the run's precision and is converted back by the next stage. A cut
    rounds nothing, so the number of stages changes no bit.

    Args:
        layers: the layers of this stage.
        compute: settings of the run.
        rank: number of the stage.
        device: the device that it computes on.
    """

    def __init__(
        self, layers: nn.Sequential, compute: ComputeSettings, rank: int, device: str
    ) -> None:
        super().__init__()
        self._layers = layers
        self._compute, self._rank, self._device = compute, rank, device

    def forward(self, x: Tensor) -> Tensor:
        compute, device = self._compute, self._device
        if self._rank > 0 and resolve_precision(compute.precision, device) == "bfloat16":
            x = x.bfloat16()
        layout = torch.channels_last if compute.channels_last else torch.contiguous_format
        x = x.contiguous(memory_format=layout)
        with precision_context(compute.precision, device):
            x = self._layers(x)
        return x.float().contiguous()


def stage_layers(layers: nn.Sequential, stages: int) -> list[list[str]]:
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
    layers: nn.Sequential,
    stages: Sequence[Sequence[str]],
    batch: int,
    image: tuple[int, int, int],
) -> list[Tensor]:
    """Return the input of the first stage and the output of each stage, as tensors on "meta".

    Outputs require gradients; without that a pipeline would not wait for gradients.

    Shapes are found with an empty batch on the CPU. On "meta" torch would import its compiler,
    which takes longer than making all tables.

    Args:
        layers: the network, on "meta".
        stages: the layers of each stage by path, as `stage_layers` returns them.
        batch: images in a micro-batch.
        image: (channels, height, width).
    """
    values = layers.state_dict().items()
    state = {name: torch.empty(value.shape, dtype=value.dtype) for name, value in values}
    empty = copy.deepcopy(layers).eval()
    empty.load_state_dict(state, assign=True)
    x = torch.empty(0, *image)
    shapes = [x.shape[1:]]
    for paths in stages:
        for path in paths:
            x = empty.get_submodule(path)(x)
        shapes.append(x.shape[1:])
    return [  # outputs of stages need gradients; images do not
        torch.empty(batch, *shape, device="meta", requires_grad=number > 0)
        for number, shape in enumerate(shapes)
    ]


@cache
def floats_across_cuts(network: nn.Sequential, stages: int, image: tuple[int, int, int]) -> int:
    """Return how many floats of one image are sent at all cuts: the sum of A over cuts."""
    ends = boundaries(network, stage_layers(network, stages), 1, image)
    return sum(tensor.numel() for tensor in ends[1:-1])
