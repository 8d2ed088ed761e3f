"""Settings of each network."""

from pydantic import PositiveInt

from loft.core.settings.keys import OURS, PAPER, key
from loft.core.settings.schema import Settings

SHRINKING = 8  # of the image's side, from the first group to the last one


def last_map(size: int) -> int:
    """Return the pixels a side of a network's last maps, of images of at most 64 pixels a side.

    Those of larger images have 3 and more. One pixel a map and one image a batch is one value a
    channel, of which BatchNorm has no variance.
    """
    return -(-size // SHRINKING)


class ResNetSettings(Settings):
    """A network of the paper or one like it."""

    name: str = key(..., "name of the network", source=PAPER)
    width: PositiveInt = key(
        64, "channels of the stem", unit="channels", source=f"{PAPER}: the usual width"
    )


class WideResNetSettings(ResNetSettings):
    """A network whose first group is wider than its stem."""

    widening: PositiveInt = key(
        2, "channels of the first group, as a multiple of `width`", source=OURS
    )
