"""Build residual networks as first published (He et al., 2016, "Deep residual learning").

ResNet-18 and -34 with basic blocks. At width 64, for small images of three channels and ten
classes, ResNet-34 has 21,282,122 parameters.
"""

from collections.abc import Mapping
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from loft.models.parts import DEPTHS_18, DEPTHS_34, Block, Head, Shortcut, Stem, conv3x3, groups


class BasicBlock(Block):
    """conv1, `between` (BatchNorm), ReLU, conv2, `after`, added to a shortcut, ReLU.

    `filters` is the number of conv1's filters, the block's inner width.
    """

    normalised = True

    def __init__(self, inputs: int, outputs: int, stride: int, filters: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(inputs, filters, stride)
        self.between = nn.BatchNorm2d(filters)
        self.conv2 = conv3x3(filters, outputs)
        self.after = nn.BatchNorm2d(outputs)
        self.shortcut = (
            nn.Sequential(Shortcut(inputs, outputs, stride), nn.BatchNorm2d(outputs))
            if stride != 1 or inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, outputs, h/s, w/s)
        kept = x if self.shortcut is None else self.shortcut(x)
        inner = F.relu(self.between(self.conv1(x)), inplace=True)
        changed: Tensor = self.after(self.conv2(inner))
        return F.relu(changed.add_(kept), inplace=True)


class ResNet(nn.Sequential):
    """A chain of `stem`, `layer1` to `layer4` and `head`.

    Args:
        depths: number of blocks in each of the four groups.
        width: channels of the first group.
        channels, size: of the images; size is the side in pixels.
        classes: number of outputs.
        filters: inner widths that differ from the full ones, by block path such as "layer2.1".
    """

    def __init__(
        self,
        depths: tuple[int, int, int, int],
        width: int,
        channels: int,
        size: int,
        classes: int,
        filters: Mapping[str, int],
    ) -> None:
        super().__init__()
        self.stem = Stem(channels, width, size, normalise=True)
        for name, layer in groups(BasicBlock, depths, width, width, filters):
            self.add_module(name, layer)
        self.head = Head(8 * width, classes, normalise=False)


resnet18 = partial(ResNet, DEPTHS_18)
resnet34 = partial(ResNet, DEPTHS_34)
