"""Build the parts that the residual networks share: stem, groups of blocks, classifier."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional as F

SMALL = 64  # largest side in pixels of images that get the 3x3 stem


def conv3x3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size of the image at stride 1."""
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)


class Shortcut(nn.Conv2d):
    """A 1x1 convolution with stride `step`.

    It first selects the pixels, by pooling windows of one pixel, and then convolves with stride 1.
    In channels-last layout, oneDNN's kernels for strided 1x1 convolutions of few channels write
    outside their memory and return wrong gradients of the weights (on processors without AVX-512,
    and with AVX-512 for images of 48 pixels and more).
    """

    def __init__(self, inputs: int, outputs: int, step: int) -> None:
        super().__init__(inputs, outputs, 1, bias=False)
        self.step = step

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, outputs, h/step, w/step)
        if self.step > 1:  # slices work too, but their gradients are not channels-last
            x = F.avg_pool2d(x, 1, stride=self.step)
        return super().forward(x)

    def extra_repr(self) -> str:
        shown: str = super().extra_repr()  # type: ignore[no-untyped-call]
        return f"{shown}, step={self.step}"


class Stem(nn.Sequential):
    """The first convolution: 3x3 for small images, else 7x7 and pooling to a quarter of the size.

    With `normalise`, BatchNorm and ReLU follow the convolution. Networks of pre-activation blocks
    do without, because these blocks begin with BatchNorm and ReLU.
    """

    def __init__(self, channels: int, outputs: int, size: int, normalise: bool) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        small = size <= SMALL
        layers["conv"] = (
            conv3x3(channels, outputs)
            if small
            else nn.Conv2d(channels, outputs, 7, stride=2, padding=3, bias=False)
        )
        if normalise:
            layers["norm"] = nn.BatchNorm2d(outputs)
            layers["relu"] = nn.ReLU(inplace=True)
        if not small:
            layers["pool"] = nn.MaxPool2d(3, stride=2, padding=1)
        super().__init__(layers)


class Head(nn.Module):
    """Global average pooling and a linear classifier, after BatchNorm and ReLU if `normalise`."""

    def __init__(self, inputs: int, classes: int, normalise: bool) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs) if normalise else None
        self.linear = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, classes)
        if self.norm is not None:
            x = F.relu(self.norm(x), inplace=True)
        logits: Tensor = self.linear(x.mean((2, 3)))
        return logits


DEPTHS_18, DEPTHS_34 = (2, 2, 2, 2), (3, 4, 6, 3)  # blocks in each group


class Block(nn.Module):
    """A residual block whose inner width can be reduced by LoFT and by pruning.

    Attributes:
        conv1: the first convolution; its filters are those that LoFT partitions and pruning ranks.
        between: the BatchNorm after conv1.
        conv2: the second convolution, which reads the outputs of conv1's filters.
        normalised: whether a BatchNorm follows conv2, so that its weights' scale changes no output.
    """

    normalised: ClassVar[bool] = False

    conv1: nn.Conv2d
    between: nn.BatchNorm2d
    conv2: nn.Conv2d


MakeBlock = Callable[[int, int, int, int], Block]  # inputs, outputs, stride, filters


def groups(
    block: MakeBlock, depths: tuple[int, ...], inputs: int, outputs: int, filters: Mapping[str, int]
) -> Iterator[tuple[str, nn.Sequential]]:
    """Yield "layer1", "layer2", ...: groups of blocks; each doubles the width and halves the size.

    Args:
        block: makes a block.
        depths: number of blocks in each group.
        inputs: channels that enter the first group.
        outputs: channels of the first group.
        filters: inner widths that differ from the full ones, by block path such as "layer2.1".
    """
    for group, depth in enumerate(depths, start=1):
        layer = nn.Sequential()
        for index in range(depth):
            stride = 2 if group > 1 and index == 0 else 1
            inner = filters.get(f"layer{group}.{index}", outputs)
            layer.append(block(inputs, outputs, stride, inner))
            inputs = outputs
        yield f"layer{group}", layer
        outputs *= 2


def initialise(network: nn.Module) -> None:
    """Initialise convolutions as in He et al. (2015), in mode fan-out."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
