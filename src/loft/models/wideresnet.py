"""Build wide residual networks (Zagoruyko and Komodakis, 2016).

WideResNet-18 and -34 are that paper's networks for ImageNet, with the depths of ResNet-18 and -34:
pre-activation basic blocks in four groups, `widening` times as wide, and BatchNorm and ReLU after
the last block. The paper's networks for CIFAR have three groups and depths 6 n + 4, and neither 18
nor 34 is one of these: both networks have four groups here, and the 3x3 stem for small images. The
LoFT paper names WideResNet-34 and WideResNet18 without saying which form it means.
"""

from collections.abc import Mapping
from functools import partial

from loft.models.parts import DEPTHS_18, DEPTHS_34
from loft.models.preresnet import PreActResNet


class WideResNet(PreActResNet):
    """A `PreActResNet` whose groups are `widening` (the paper's k) times as wide."""

    def __init__(
        self,
        depths: tuple[int, int, int, int],
        width: int,
        channels: int,
        size: int,
        classes: int,
        filters: Mapping[str, int],
        widening: int,
    ) -> None:
        super().__init__(
            depths, width, channels, size, classes, filters, widening=widening, last_norm=True
        )


wideresnet18 = partial(WideResNet, DEPTHS_18)
wideresnet34 = partial(WideResNet, DEPTHS_34)
