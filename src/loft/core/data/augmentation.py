"""The two kinds of data sets, in memory and on disk, and how images of each are augmented."""

from typing import NamedTuple

from loft.core.data.settings import PaddedCrop, ResizedCrop
from loft.core.settings.schema import Settings


class Kind(NamedTuple):
    """What offers data to training, by address, and the settings of its augmentation."""

    data: str
    augment: type[Settings]


KINDS = {
    "images": Kind("loft.core.data.resident_images:Images", PaddedCrop),
    "folders": Kind("loft.core.data.image_folders:Folder", ResizedCrop),
}
