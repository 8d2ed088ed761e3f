"""How many images a run will have, and of which shape: from its settings, before any is there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loft.core.sources import DataSettings, prepare
from loft.core.sources.listing import (
    IMAGENET_CLASSES,
    IMAGENET_TRAIN,
    IMAGENET_VAL,
    list_images,
)
from loft.core.sources.settings import (
    CifarData,
    DigitsData,
    FolderData,
    FolderSettings,
    ImageNetData,
)


@dataclass(frozen=True)
class Extent:
    """What is known of a data set without its pixels.

    Attributes:
        dataset: its name in Table 1, such as "CIFAR-10".
        classes: number of classes.
        channels: 1 (grey) or 3.
        size: height and width in pixels as the network sees images.
        train_images, test_images: how many there are.
    """

    dataset: str
    classes: int
    channels: int
    size: int
    train_images: int
    test_images: int

    @property
    def image(self) -> tuple[int, int, int]:
        """The shape of an image: (channels, height, width)."""
        return (self.channels, self.size, self.size)


def extent(settings: DataSettings) -> Extent:
    """Return what the settings will give; a data set that no function here knows is prepared.

    Raises:
        UserError: images have to be looked at, and are missing.
    """
    return _KNOWN.get(settings.name, _prepared)(settings)


def image_shape(settings: DataSettings) -> tuple[int, int, int]:
    """Return (channels, height, width) of the images, from settings alone where they say it.

    Raises:
        UserError: images have to be looked at, and are missing.
    """
    if isinstance(settings, FolderSettings):
        return (settings.channels, settings.size, settings.size)
    return extent(settings).image


def _digits(settings: DigitsData) -> Extent:
    return Extent("digits", 10, 1, settings.size, settings.train_images, settings.test_images)


def _cifar(settings: CifarData) -> Extent:
    classes = int(settings.name.removeprefix("cifar"))
    return Extent(f"CIFAR-{classes}", classes, 3, 32, settings.train_images, settings.test_images)


def _imagenet(settings: ImageNetData) -> Extent:
    return Extent(
        "ImageNet",
        IMAGENET_CLASSES,
        settings.channels,
        settings.size,
        settings.train_images or IMAGENET_TRAIN,
        settings.test_images or IMAGENET_VAL,
    )


def _folder(settings: FolderData) -> Extent:
    root = Path(settings.data_dir)
    train = list_images(root, settings.train_folder)
    count = len(train.files)
    if settings.test_folder is None:
        test = settings.test_images or 0  # the settings are checked for it
        count -= test
    else:
        test = len(list_images(root, settings.test_folder, train.classes).files)
    return Extent(
        settings.dataset,
        len(train.classes),
        settings.channels,
        settings.size,
        settings.train_images or count,
        settings.test_images or test,
    )


def _prepared(settings: DataSettings) -> Extent:
    data = prepare(settings, loaders=0)
    return Extent(
        data.dataset,
        data.classes,
        data.channels,
        data.size,
        data.train_images,
        settings.test_images or 0,
    )


_KNOWN: dict[str, Callable[..., Extent]] = {
    "digits": _digits,
    "cifar10": _cifar,
    "cifar100": _cifar,
    "imagenet": _imagenet,
    "folder": _folder,
}
