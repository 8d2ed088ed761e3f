"""What a params file says of each data set."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, model_validator

from loft.core.settings.schema import Settings
from loft.core.settings.values import Distinct, Text, Where


def _below(name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"found {name!r}; expected a folder below data_dir")
    return name


Below = Annotated[str, AfterValidator(_below)]


class ImageSettings(Settings):
    """Any data set; `kind`, one of `data.augmentation`, says how training is offered it.

    One that is made from files has a key `data_dir`, the folder that they are in.
    """

    kind: ClassVar[str]

    name: str
    train_images: PositiveInt | None
    test_images: PositiveInt | None
    split_seed: NonNegativeInt


class ResidentSettings(ImageSettings):
    """A data set that is kept in memory."""

    kind: ClassVar[str] = "images"
    loaders: ClassVar[int] = 0

    train_images: PositiveInt
    test_images: PositiveInt


class DigitsData(ResidentSettings):
    """scikit-learn's bundled 8x8 handwritten digits: 1,797 grey images, 10 classes, no download."""

    size: Annotated[int, Field(ge=8, le=64)]  # pixels a side after upsampling


class CifarData(ResidentSettings):
    """CIFAR's original python files, found under `data_dir` or downloaded there."""

    data_dir: Where
    mirrors: Distinct[Text]  # addresses of the folder that holds the archive, tried in turn
    train_images: Annotated[int, Field(ge=1, le=50_000)]
    test_images: Annotated[int, Field(ge=1, le=10_000)]


class FolderSettings(ImageSettings):
    """Image files in a folder for each class, decoded anew every epoch.

    Unaugmented images are the centre, `size` pixels a side, of the image scaled to `resize` pixels
    along its shorter side. Of images a number is drawn by `split_seed`; null means all.
    """

    kind: ClassVar[str] = "folders"

    data_dir: Where
    size: Annotated[int, Field(ge=8)]
    resize: PositiveInt
    channels: Literal[1, 3]  # 1: grey
    statistics_images: PositiveInt  # training images that give the mean and deviation of pixels
    # Processes of each worker that read the files. No step is told it with its settings, because it
    # changes no bit: steps made with another number stay valid.
    loaders: NonNegativeInt = Field(default=0, exclude=True)

    @model_validator(mode="after")
    def _large_enough(self) -> Self:
        if self.resize < self.size:
            raise ValueError(f"resize: found {self.resize}; expected at least size ({self.size})")
        return self


class ImageNetData(FolderSettings):
    """ImageNet (ILSVRC2012) as its users unpack it; it cannot be downloaded without an account."""


class FolderData(FolderSettings):
    """Anyone's images: `data_dir/<train_folder>/<class>/...`, and the same for testing.

    With `test_folder: null`, `test_images` of the training folder's are set aside.
    """

    dataset: Text  # what tables call it
    train_folder: Below
    test_folder: Below | None

    @model_validator(mode="after")
    def _something_to_test(self) -> Self:
        if self.test_folder is None and self.test_images is None:
            raise ValueError("test_images: found null; expected a number where test_folder is null")
        return self
