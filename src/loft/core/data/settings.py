"""Declare the settings of augmentation, for images in memory and for image files."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, NonNegativeInt, PositiveFloat, Tag, model_validator

from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings

USUAL = f"{OURS}; usual for CIFAR and ImageNet"
Fraction = Annotated[float, Field(gt=0, le=1)]


class PaddedCrop(Settings):
    """For images in memory: random crop after zero padding, in pixels a side, and random flip."""

    crop_padding: NonNegativeInt = key(
        4, "zeros around an image before a part of its size is cut out", unit="pixels", source=USUAL
    )
    flip: bool = key(True, "whether images are flipped left to right at random", source=USUAL)


class ResizedCrop(Settings):
    """For image files: a random part of the image, scaled to the data's size, and random flip."""

    scale: Annotated[list[Fraction], Field(min_length=2, max_length=2)] = key(
        [0.08, 1.0], "least and most area of the part, as a share of the image's", source=USUAL
    )
    ratio: Annotated[list[PositiveFloat], Field(min_length=2, max_length=2)] = key(
        [0.75, 4 / 3], "least and most width of the part over its height", source=USUAL
    )
    flip: bool = key(True, "whether images are flipped left to right at random", source=USUAL)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in ("scale", "ratio"):
            least, most = getattr(self, name)
            if least > most:
                raise ValueError(f"{name}: found [{least}, {most}]; expected [least, most]")
        return self


def _which_crop(values: Any) -> str:
    keys = values if isinstance(values, Mapping) else getattr(values, "__dict__", {})
    return "resized" if {"scale", "ratio"} & set(keys) else "padded"


AugmentSettings = Annotated[
    Annotated[PaddedCrop, Tag("padded")] | Annotated[ResizedCrop, Tag("resized")],
    Discriminator(_which_crop),
]
