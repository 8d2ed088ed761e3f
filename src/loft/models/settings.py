"""What a params file says of each network."""

from pydantic import PositiveInt

from loft.core.config import Settings


class ResNetSettings(Settings):
    """A network and its width, the channels of its first group (64 is the paper's)."""

    name: str
    width: PositiveInt


class WideResNetSettings(ResNetSettings):
    """A network, the width of its stem, and how many times wider its first group is."""

    widening: PositiveInt
