"""Settings of each data set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, model_validator

from loft.core.settings.keys import OURS, key
from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct, Text, Where


def _below(name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"found {name!r}; expected a folder below data_dir")
    return name


Below = Annotated[str, AfterValidator(_below)]


class ImageSettings(Settings):
    """Any data set; `kind`, a key of `data.augmentation.KINDS`, says if images are in memory.

    Data made from files have a key `data_dir`, the folder of the files.
    """

    kind: ClassVar[str]

    if TYPE_CHECKING:  # a key of data in image files; 0 for other data

        @property
        def loaders(self) -> int: ...

    name: str = key(..., "name of the data set", source=OURS)
    train_images: PositiveInt | None = key(
        ..., "images to train on, drawn by split_seed", unit="images", source=OURS
    )
    test_images: PositiveInt | None = key(
        ..., "images to test on, drawn by split_seed", unit="images", source=OURS
    )
    split_seed: NonNegativeInt = key(0, "seed that draws the images", source=OURS)


class ResidentSettings(ImageSettings):
    """A data set that is kept in memory."""

    kind: ClassVar[str] = "images"
    loaders: ClassVar[int] = 0

    train_images: PositiveInt = key(
        ..., "images to train on, drawn by split_seed", unit="images", source=OURS
    )
    test_images: PositiveInt = key(
        ..., "images to test on, drawn by split_seed", unit="images", source=OURS
    )


class DigitsData(ResidentSettings):
    """scikit-learn's bundled 8x8 handwritten digits: 1,797 grey images, 10 classes, no download."""

    train_images: PositiveInt = key(
        1437, "images to train on, drawn by split_seed; 80 % of all", unit="images", source=OURS
    )
    test_images: PositiveInt = key(
        360, "images to test on, drawn by split_seed", unit="images", source=OURS
    )
    size: Annotated[int, Field(ge=8, le=64)] = key(
        12, "pixels a side, upsampled from 8", unit="pixels", source=OURS
    )


class CifarData(ResidentSettings):
    """CIFAR's original python files, found under `data_dir` or downloaded there."""

    data_dir: Where = key(
        "data", "folder that holds cifar-10-batches-py or cifar-100-python", source=OURS
    )
    mirrors: Distinct[Text] = key(
        ["https://www.cs.toronto.edu/~kriz"],
        "addresses of the folder that holds the archive, tried in turn where files are missing",
        source=OURS,
    )
    train_images: Annotated[int, Field(ge=1, le=50_000)] = key(
        50_000, "images to train on, drawn by split_seed", unit="images", source="paper: all"
    )
    test_images: Annotated[int, Field(ge=1, le=10_000)] = key(
        10_000, "images to test on, drawn by split_seed", unit="images", source="paper: all"
    )

    size: Literal[8, 16, 32] = key(
        32,
        "pixels a side; below the original 32 each is the mean of a square",
        unit="pixels",
        source="paper: 32",
        neutral=32,
    )


class FolderSettings(ImageSettings):
    """Image files in a folder for each class, decoded anew every epoch.

    Unaugmented images are the centre, `size` pixels a side, of the image scaled to `resize` pixels
    along its shorter side. Of images a number is drawn by `split_seed`; null means all.
    """

    kind: ClassVar[str] = "folders"

    train_images: PositiveInt | None = key(
        None, "images to train on, drawn by split_seed; null: all", unit="images", source=OURS
    )
    test_images: PositiveInt | None = key(
        None, "images to test on, drawn by split_seed; null: all", unit="images", source=OURS
    )
    data_dir: Where = key(..., "folder that holds the folders of images", source=OURS)
    size: Annotated[int, Field(ge=8)] = key(
        224, "pixels a side that a network sees", unit="pixels", source="paper, for ImageNet"
    )
    resize: PositiveInt = key(
        256,
        "length of the shorter side from whose centre an image to test on is cut",
        unit="pixels",
        source=f"{OURS}; usual for ImageNet",
    )
    channels: Literal[1, 3] = key(3, "colours; 1: grey", source=OURS)
    statistics_images: PositiveInt = key(
        10_000,
        "training images that give the mean and deviation of pixels",
        unit="images",
        source=OURS,
    )
    loaders: NonNegativeInt = key(
        0,
        "processes of each worker that read the files; 0: the worker itself; changes no bit",
        source=OURS,
        told=False,
    )

    @model_validator(mode="after")
    def _large_enough(self) -> Self:
        if self.resize < self.size:
            raise ValueError(f"resize: found {self.resize}; expected at least size ({self.size})")
        return self


class ImageNetData(FolderSettings):
    """ImageNet (ILSVRC2012) as its users unpack it; it cannot be downloaded without an account."""

    data_dir: Where = key(
        "data/imagenet", "folder that holds train/ and val/, each with 1,000 folders", source=OURS
    )


class FolderData(FolderSettings):
    """Anyone's images: `data_dir/<train_folder>/<class>/...`, and the same for testing.

    With `test_folder: null`, `test_images` of the training folder's are set aside.
    """

    dataset: Text = key(..., "what tables call the data set", source=OURS)
    train_folder: Below = key("train", "folder below data_dir of images to train on", source=OURS)
    test_folder: Below | None = key(
        "val",
        "folder below data_dir of images to test on; null: test_images of the others",
        source=OURS,
    )

    @model_validator(mode="after")
    def _something_to_test(self) -> Self:
        if self.test_folder is None and self.test_images is None:
            raise ValueError("test_images: found null; expected a number where test_folder is null")
        return self
