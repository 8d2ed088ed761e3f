"""Wide residual networks (Zagoruyko and Komodakis, 2016).

WideResNet-18 and -34 are the ImageNet forms of that paper, whose depths are those of ResNet-18 and
-34: pre-activation basic blocks in four groups, `widening` times as wide, with BatchNorm and ReLU
after the last block. Its CIFAR forms have three groups and depths 6 n + 4, which 18 is not, so both
networks have the four groups here, with the 3x3 stem for small images. LoFT names WideResNet-34 and
WideResNet18 without saying which form it means.
"""

from collections.abc import Mapping
from functools import partial

from loft.models.parts import DEPTHS_18, DEPTHS_34
from loft.models.preresnet import PreActResNet


class WideResNet(PreActResNet):
    """A widened `PreActResNet`; its arguments with the widening factor k."""

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
