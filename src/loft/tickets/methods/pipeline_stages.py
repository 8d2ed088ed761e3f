"""The stages of a pipeline: where a network is cut, what crosses each cut, and a stage's layers."""

import copy
from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

from loft.core.settings.shared import ComputeSettings
from loft.core.training.learner import precision_context, resolve_precision


class Stage(nn.Module):
    """Some consecutive layers; what crosses to the next stage is contiguous float32.

    It was computed in the run's precision and is taken up in it again, so that a cut rounds nothing
    and the number of stages changes no bit.

    Args:
        layers: of this stage.
        compute: the run's.
        rank: the stage's number.
        device: that it computes on.
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
    layers: nn.Sequential,
    stages: Sequence[Sequence[str]],
    batch: int,
    image: tuple[int, int, int],
) -> list[Tensor]:
    """Return what enters the first stage and leaves each one, as tensors on "meta".

    What leaves a stage requires gradients; a pipeline that is told otherwise waits for none.

    Shapes are found with no image on the CPU, where nothing is computed: on "meta" torch would
    import its compiler, which takes longer than all else that a table needs.

    Args:
        layers: the network, on "meta".
        stages: the layers of each by path, as `cuts` returns them.
        batch: images at a time.
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
    return [  # gradients come back through what leaves a stage, not through images
        torch.empty(batch, *shape, device="meta", requires_grad=number > 0)
        for number, shape in enumerate(shapes)
    ]


@cache
def crossing(network: nn.Sequential, stages: int, image: tuple[int, int, int]) -> int:
    """Return how many numbers of one image cross all cuts together: the sum of A over cuts."""
    ends = boundaries(network, cuts(network, stages), 1, image)
    return sum(tensor.numel() for tensor in ends[1:-1])
