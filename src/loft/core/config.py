"""The part of a run's settings that all studies share, and how settings are read and checked.

Settings are typed and closed: an unknown, missing or impossible value is a `UserError` that names
the key. Defaults live in `params/`, not here. This module imports no torch, so that building the
graph stays fast.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Tag,
    ValidationError,
    model_validator,
)

from loft.core.errors import UserError

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Fraction = Annotated[float, Field(gt=0, le=1)]


class Settings(BaseModel):
    """A closed set of keys: extra keys are errors, values are not coerced, instances are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read settings from JSON, as a rule passes them to `loft <step> --settings`.

        Raises:
            UserError: the text is not JSON or does not fit the schema.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise UserError(f"--settings: {explain(error, cls)}") from None

    def dump(self) -> str:
        """Return the JSON that `parse` reads, the same text for the same values."""
        return self.model_dump_json()


S = TypeVar("S", bound=Settings)


class ResidentSettings(Settings):
    """A data set that is kept in memory."""

    kind: ClassVar[str] = "images"  # the module of `loft.core` that offers it to training
    loaders: ClassVar[int] = 0

    train_images: PositiveInt
    test_images: PositiveInt
    split_seed: NonNegativeInt


class DigitsData(ResidentSettings):
    """scikit-learn's bundled 8x8 handwritten digits: 1,797 grey images, 10 classes, no download."""

    name: Literal["digits"]
    size: Annotated[int, Field(ge=8, le=64)]  # pixels a side after upsampling


class CifarData(ResidentSettings):
    """CIFAR's original python files, found under `data_dir` or downloaded there."""

    name: Literal["cifar10", "cifar100"]
    data_dir: str
    mirrors: list[str]  # addresses of the folder that holds the archive, tried in turn
    train_images: Annotated[int, Field(ge=1, le=50_000)]
    test_images: Annotated[int, Field(ge=1, le=10_000)]


class FolderSettings(Settings):
    """Image files in a folder for each class, decoded anew every epoch.

    Unaugmented images are the centre, `size` pixels a side, of the image scaled to `resize` pixels
    along its shorter side. Of images a number is drawn by `split_seed`; null means all.
    """

    kind: ClassVar[str] = "folders"

    data_dir: str
    size: Annotated[int, Field(ge=8)]
    resize: PositiveInt
    channels: Literal[1, 3]  # 1: grey
    train_images: PositiveInt | None
    test_images: PositiveInt | None
    split_seed: NonNegativeInt
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

    name: Literal["imagenet"]


class FolderData(FolderSettings):
    """Anyone's images: `data_dir/<train_folder>/<class>/...`, and the same for testing.

    With `test_folder: null`, `test_images` of the training folder's are set aside.
    """

    name: Literal["folder"]
    dataset: Annotated[str, Field(min_length=1)]  # what tables call it
    train_folder: str
    test_folder: str | None

    @model_validator(mode="after")
    def _something_to_test(self) -> Self:
        if self.test_folder is None and self.test_images is None:
            raise ValueError("test_images: found null; expected a number where test_folder is null")
        return self


DataSettings = Annotated[
    DigitsData | CifarData | ImageNetData | FolderData, Field(discriminator="name")
]


class DataJob(Settings):
    """What `loft data` is told."""

    data: DataSettings


class PaddedCrop(Settings):
    """For images in memory: random crop after zero padding, in pixels a side, and random flip."""

    crop_padding: NonNegativeInt
    flip: bool  # left to right


class ResizedCrop(Settings):
    """For image files: a random part of the image, scaled to the data's size, and random flip."""

    scale: Annotated[list[Fraction], Field(min_length=2, max_length=2)]  # of the image's area
    ratio: Annotated[list[PositiveFloat], Field(min_length=2, max_length=2)]  # width to height
    flip: bool  # left to right

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for key in ("scale", "ratio"):
            least, most = getattr(self, key)
            if least > most:
                raise ValueError(f"{key}: found [{least}, {most}]; expected [least, most]")
        return self


def _which_crop(values: Any) -> str:
    keys = values if isinstance(values, Mapping) else getattr(values, "__dict__", {})
    return "resized" if {"scale", "ratio"} & set(keys) else "padded"


AugmentSettings = Annotated[
    Annotated[PaddedCrop, Tag("padded")] | Annotated[ResizedCrop, Tag("resized")],
    Discriminator(_which_crop),
]
AUGMENTATIONS: dict[str, type[Settings]] = {"images": PaddedCrop, "folders": ResizedCrop}


class ResNetSettings(Settings):
    """A network and its width, the channels of its first group (64 is the paper's)."""

    name: Literal["preresnet18", "preresnet34", "resnet18", "resnet34"]
    width: PositiveInt


class WideResNetSettings(Settings):
    """A network, the width of its stem, and how many times wider its first group is."""

    name: Literal["wideresnet18", "wideresnet34"]
    width: PositiveInt
    widening: PositiveInt


ModelSettings = Annotated[ResNetSettings | WideResNetSettings, Field(discriminator="name")]


class ComputeSettings(Settings):
    """How arithmetic is done. Each of these changes the bits of a result."""

    threads: PositiveInt  # per process
    precision: Literal["float32", "bfloat16", "auto"]
    channels_last: bool


class SgdSettings(Settings):
    """Stochastic gradient descent with momentum and a cosine from `learning_rate` down to 0."""

    learning_rate: Annotated[float, Field(gt=0)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    nesterov: bool
    weight_decay: Annotated[float, Field(ge=0)]
    batch_size: PositiveInt  # images per worker and step


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a params file.

    Raises:
        UserError: the file is missing, is not YAML, or does not hold keys and values.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such params file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: expected keys and values, found {type(values).__name__}")
    return values


def explain(error: ValidationError, schema: type[BaseModel]) -> str:
    """Return one line for the first thing wrong: the key, what was found, what was expected."""
    first = error.errors()[0]
    known = _known_keys(schema)
    extra = first["type"] == "extra_forbidden"
    *sections, last = first["loc"] or ("settings",)
    parts = [part for part in sections if isinstance(part, int) or part in known]  # no unions' tags
    if extra or not sections or isinstance(last, int) or last in known:
        parts.append(last)
    key = ".".join(str(part) for part in parts)
    if extra:
        near = difflib.get_close_matches(str(last), known, n=1)
        return f"{key}: unknown key" + (f", did you mean '{near[0]}'?" if near else "")
    if first["type"] == "missing":
        return f"{key}: missing"
    if first["type"] == "value_error":  # our own validators say it all
        return f"{key}: {first['msg'].removeprefix('Value error, ')}"
    return f"{key}: found {first['input']!r}; {first['msg'][0].lower()}{first['msg'][1:]}"


def _known_keys(schema: type[BaseModel]) -> set[str]:
    """Collect every key of a schema and of the schemas inside it."""
    definitions = schema.model_json_schema()
    parts = [definitions, *definitions.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


def validate(schema: type[S], values: Mapping[str, Any], source: str) -> S:
    """Check `values` against `schema`.

    Raises:
        UserError: names `source`, the key, what was found and what was expected.
    """
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise UserError(f"{source}: {explain(error, schema)}") from None
