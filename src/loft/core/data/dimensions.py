"""Find the number and shape of a run's images from its settings, before data are prepared."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loft.core.data.sources import DataSettings, prepare
from loft.core.data.sources.class_folders import (
    IMAGENET_CLASSES,
    IMAGENET_TRAIN,
    IMAGENET_VAL,
    list_imagenet,
    list_images,
)
from loft.core.data.sources.settings import (
    CifarData,
    DigitsData,
    FolderData,
    FolderSettings,
    ImageNetData,
)
from loft.core.errors import UserError

CIFAR_FILES = {  # torchvision's names of the folder and of its archive
    "cifar10": ("cifar-10-batches-py", "cifar-10-python.tar.gz"),
    "cifar100": ("cifar-100-python", "cifar-100-python.tar.gz"),
}


@dataclass(frozen=True)
class Dimensions:
    """The dimensions of a data set, known without its pixels.

    Attributes:
        dataset: its name in Table 1, such as "CIFAR-10".
        classes: number of classes.
        channels: 1 (grey) or 3.
        size: height and width in pixels as the network sees images.
        train_images, test_images: numbers of images.
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


def dimensions(settings: DataSettings) -> Dimensions:
    """Return the dimensions of the data set; one that is unknown here is prepared for it.

    Raises:
        UserError: image files are needed and are missing.
    """
    return _KNOWN.get(settings.name, _prepared)(settings)


def find_originals(settings: DataSettings) -> Dimensions:
    """Return the dimensions of the data set after checking that its original files exist.

    Raises:
        UserError: they are missing and cannot be downloaded.
    """
    if isinstance(settings, ImageNetData):
        list_imagenet(Path(settings.data_dir))
    if isinstance(settings, CifarData) and not settings.mirrors:
        places = [Path(settings.data_dir, name) for name in CIFAR_FILES[settings.name]]
        if not any(place.exists() for place in places):
            raise UserError(
                f"data.data_dir: {settings.data_dir}: found neither {places[0].name} nor "
                f"{places[1].name}, and no mirror to download from; expected one of them"
            )
    return dimensions(settings)


def image_shape(settings: DataSettings) -> tuple[int, int, int]:
    """Return (channels, height, width) of the images, from the settings where possible.

    Raises:
        UserError: image files are needed and are missing.
    """
    if isinstance(settings, FolderSettings):
        return (settings.channels, settings.size, settings.size)
    return dimensions(settings).image


def _digits(settings: DigitsData) -> Dimensions:
    return Dimensions("digits", 10, 1, settings.size, settings.train_images, settings.test_images)


def _cifar(settings: CifarData) -> Dimensions:
    classes = int(settings.name.removeprefix("cifar"))
    return Dimensions(
        f"CIFAR-{classes}",
        classes,
        3,
        settings.size,
        settings.train_images,
        settings.test_images,
    )


def _imagenet(settings: ImageNetData) -> Dimensions:
    return _shape("ImageNet", IMAGENET_CLASSES, settings, IMAGENET_TRAIN, IMAGENET_VAL)


def _folder(settings: FolderData) -> Dimensions:
    root = Path(settings.data_dir)
    train = list_images(root, settings.train_folder)
    count = len(train.files)
    if settings.test_folder is None:
        test = settings.test_images or 0  # the settings require it here
        count -= test
    else:
        test = len(list_images(root, settings.test_folder, train.classes).files)
    return _shape(settings.dataset, len(train.classes), settings, count, test)


def _shape(
    dataset: str, classes: int, settings: FolderSettings, train: int, test: int
) -> Dimensions:
    """Return the dimensions of a data set of `train` and `test` image files."""
    most = {"train_images": train, "test_images": test}
    most["statistics_images"] = settings.train_images or train
    for key, count in most.items():
        if (wanted := getattr(settings, key)) is not None and wanted > count:
            raise UserError(f"data.{key}: found {wanted}; expected at most {count}")
    return Dimensions(
        dataset,
        classes,
        settings.channels,
        settings.size,
        settings.train_images or train,
        settings.test_images or test,
    )


def _prepared(settings: DataSettings) -> Dimensions:
    data = prepare(settings, loaders=0)
    return Dimensions(
        data.dataset,
        data.classes,
        data.channels,
        data.size,
        data.train_images,
        settings.test_images or 0,
    )


_KNOWN: dict[str, Callable[..., Dimensions]] = {
    "digits": _digits,
    "cifar10": _cifar,
    "cifar100": _cifar,
    "imagenet": _imagenet,
    "folder": _folder,
}
