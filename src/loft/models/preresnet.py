"""Pre-activation residual networks for small images (He et al., 2016, "Identity mappings").

LoFT's PreActResNet-18 and -34 in the form usual for CIFAR: a 3x3 stem without pooling, four
groups of basic blocks at 1, 2, 4 and 8 times the width, global average pooling and a linear
classifier, with no BatchNorm after the last block. At width 64, three channels and ten classes
they have 11,171,146 and 21,279,306 parameters.
"""

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional as F


def conv3x3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size of the image at stride 1."""
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)


class PreActBlock(nn.Module):
    """BatchNorm, ReLU, conv1, BatchNorm, ReLU, conv2, added to a shortcut.

    `filters` is the number of conv1's filters, the block's inner width. LoFT's subnetworks and
    pruned tickets have fewer, while what enters and leaves the block keeps its width.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, filters: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = conv3x3(inputs, filters, stride)
        self.bn2 = nn.BatchNorm2d(filters)
        self.conv2 = conv3x3(filters, outputs)
        self.shortcut = (
            nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            if stride != 1 or inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, outputs, h/s, w/s)
        active = F.relu(self.bn1(x))
        kept = x if self.shortcut is None else self.shortcut(active)
        changed: Tensor = self.conv2(F.relu(self.bn2(self.conv1(active))))
        return changed + kept


class Head(nn.Module):
    """Global average pooling and the linear classifier."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:  # (n, inputs, h, w) -> (n, classes)
        logits: Tensor = self.linear(x.mean((2, 3)))
        return logits


class PreActResNet(nn.Sequential):
    """A chain of `stem`, `layer1` to `layer4` and `head`.

    Args:
        depths: blocks in each of the four groups.
        width: channels of the first group.
        channels: channels of the images.
        classes: outputs.
        filters: inner widths that differ from the full ones, by block path such as "layer2.1".
    """

    def __init__(
        self,
        depths: tuple[int, int, int, int],
        width: int,
        channels: int,
        classes: int,
        filters: Mapping[str, int],
    ) -> None:
        super().__init__()
        self.stem = conv3x3(channels, width)
        inputs = width
        for group, depth in enumerate(depths, start=1):
            outputs = width * 2 ** (group - 1)
            layer = nn.Sequential()
            for index in range(depth):
                stride = 2 if group > 1 and index == 0 else 1
                inner = filters.get(f"layer{group}.{index}", outputs)
                layer.append(PreActBlock(inputs, outputs, stride, inner))
                inputs = outputs
            self.add_module(f"layer{group}", layer)
        self.head = Head(inputs, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
