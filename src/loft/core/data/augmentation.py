"""List the two kinds of data sets, in memory and on disk, with the settings of augmentation."""

from typing import NamedTuple

from loft.core.data.settings import PaddedCrop, ResizedCrop
from loft.core.settings.schema import Settings


class Kind(NamedTuple):
    """The address of the class that holds the data, and the class of augmentation settings."""

    data: str
    augment: type[Settings]


KINDS = {
    "images": Kind("loft.core.data.resident_images:Images", PaddedCrop),
    "folders": Kind("loft.core.data.image_folders:Folder", ResizedCrop),
}
