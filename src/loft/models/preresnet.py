"""Build pre-activation residual networks (He et al., 2016, "Identity mappings").

LoFT's PreActResNet-18 and -34: a stem, four groups of basic blocks at 1, 2, 4 and 8 times the
width, global average pooling and a linear classifier, with no BatchNorm after the last block. At
width 64, for small images of three channels and ten classes, they have 11,171,146 and 21,279,306
parameters.
"""

from collections.abc import Mapping
from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from loft.models.parts import DEPTHS_18, DEPTHS_34, Block, Head, Shortcut, Stem, conv3x3, groups


class PreActBlock(Block):
    """`before` (BatchNorm), ReLU, conv1, `between`, ReLU, conv2, added to a shortcut.

    `filters` is the number of conv1's filters, the block's inner width. LoFT's subnetworks and
    pruned tickets have fewer filters; the block's input and output keep their widths.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, filters: int) -> None:
        super().__init__()
        self.before = nn.BatchNorm2d(inputs)
        self.conv1 = conv3x3(inputs, filters, stride)
        self.between = nn.BatchNorm2d(filters)
        self.conv2 = conv3x3(filters, outputs)
        self.shortcut = (
            Shortcut(inputs, outputs, stride) if stride != 1 or inputs != outputs else None
        )

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, outputs, h/s, w/s)
        active = F.relu(self.before(x), inplace=True)
        kept = x if self.shortcut is None else self.shortcut(active)
        inner = F.relu(self.between(self.conv1(active)), inplace=True)
        changed: Tensor = self.conv2(inner)
        return changed.add_(kept)


class PreActResNet(nn.Sequential):
    """A chain of `stem`, `layer1` to `layer4` and `head`.

    Args:
        depths: number of blocks in each of the four groups.
        width: channels of the stem.
        channels, size: of the images; size is the side in pixels.
        classes: number of outputs.
        filters: inner widths that differ from the full ones, by block path such as "layer2.1".
        widening: width of the first group divided by the width of the stem.
        last_norm: whether BatchNorm and ReLU follow the last block.
    """

    def __init__(
        self,
        depths: tuple[int, int, int, int],
        width: int,
        channels: int,
        size: int,
        classes: int,
        filters: Mapping[str, int],
        widening: int = 1,
        last_norm: bool = False,
    ) -> None:
        super().__init__()
        self.stem = Stem(channels, width, size, normalise=False)
        outputs = width * widening
        for name, layer in groups(PreActBlock, depths, width, outputs, filters):
            self.add_module(name, layer)
        self.head = Head(8 * outputs, classes, normalise=last_norm)


preresnet18 = partial(PreActResNet, DEPTHS_18)
preresnet34 = partial(PreActResNet, DEPTHS_34)
