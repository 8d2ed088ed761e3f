"""List the networks by their names in a params file.

A new network is a file in this folder with a function, and a line in `NETWORKS`. A network is an
`nn.Sequential` of `stem`, groups of blocks and `head`, so that it can be cut into pipeline stages;
its blocks are subclasses of `loft.models.parts.Block`.
"""

from typing import TYPE_CHECKING, NamedTuple

from loft.core.settings.lookup import choice
from loft.models.settings import ResNetSettings


class Network(NamedTuple):
    """A network, given by the addresses of its code.

    Attributes:
        make: function of (width, channels, size, classes, filters), and of the further settings of
            this network as keywords; returns the network.
        settings: class of the settings.
    """

    make: str
    settings: str = "loft.models.settings:ResNetSettings"


NETWORKS = {
    "preresnet18": Network("loft.models.preresnet:preresnet18"),
    "preresnet34": Network("loft.models.preresnet:preresnet34"),
    "resnet18": Network("loft.models.resnet:resnet18"),
    "resnet34": Network("loft.models.resnet:resnet34"),
    "wideresnet18": Network(
        "loft.models.wideresnet:wideresnet18", "loft.models.settings:WideResNetSettings"
    ),
    "wideresnet34": Network(
        "loft.models.wideresnet:wideresnet34", "loft.models.settings:WideResNetSettings"
    ),
}

if TYPE_CHECKING:
    ModelSettings = ResNetSettings
else:
    ModelSettings = choice(
        ResNetSettings, {name: network.settings for name, network in NETWORKS.items()}
    )
