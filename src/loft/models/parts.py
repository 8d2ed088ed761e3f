"""What the residual networks have in common: stems, groups of blocks, the classifier."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping

from torch import Tensor, nn
from torch.nn import functional as F

SMALL = 64  # pixels a side of the largest images that get the 3x3 stem


def conv3x3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size of the image at stride 1."""
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)


class Shortcut(nn.Conv2d):
    """A 1x1 convolution of every `step`-th pixel of every `step`-th row: one of that stride.

    Pixels are chosen first, by pooling windows of one pixel, and the convolution itself has stride
    1. In channels-last, oneDNN's kernels for strided 1x1 convolutions of few channels write outside
    of their memory and return wrong gradients of the weights (on processors without AVX-512, and
    with it for images of 48 pixels and more).
    """

    def __init__(self, inputs: int, outputs: int, step: int) -> None:
        super().__init__(inputs, outputs, 1, bias=False)
        self.step = step

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, outputs, h/step, w/step)
        if self.step > 1:  # slices would do, but their gradients are not in channels-last
            x = F.avg_pool2d(x, 1, stride=self.step)
        return super().forward(x)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, step={self.step}"  # type: ignore[no-untyped-call]


class Stem(nn.Sequential):
    """The first convolution: 3x3 for small images; else 7x7 and pooling, to a quarter of the size.

    With `normalise` BatchNorm and ReLU follow the convolution; pre-activation blocks bring theirs.
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
    """Global average pooling and the linear classifier, after BatchNorm and ReLU if `normalise`."""

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
    """A residual block whose inner width may be narrowed, of which LoFT and pruning know.

    Attributes:
        conv1: its first convolution, whose filters are the block's.
        between: the BatchNorm after it.
        conv2: the convolution that reads them.
    """

    conv1: nn.Conv2d
    between: nn.BatchNorm2d
    conv2: nn.Conv2d


MakeBlock = Callable[[int, int, int, int], Block]  # inputs, outputs, stride, filters


def groups(
    block: MakeBlock, depths: tuple[int, ...], inputs: int, outputs: int, filters: Mapping[str, int]
) -> Iterator[tuple[str, nn.Sequential]]:
    """Yield "layer1", "layer2", ...: groups of blocks, each twice as wide and half the size.

    Args:
        block: makes a block.
        depths: blocks in each group.
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
    """Draw convolutions as He et al. (2015) do, by their outputs."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
