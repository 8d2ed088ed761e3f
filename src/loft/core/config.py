"""The part of a run's settings that all studies share, and how settings are read and checked.

Settings are typed and closed: an unknown, missing or impossible value is a `UserError` that names
the key. Defaults live in `params/`, not here. This module imports no torch, so that building the
graph stays fast.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)

from loft.core.errors import UserError

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


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


class DigitsData(Settings):
    """scikit-learn's bundled 8x8 handwritten digits: 1,797 grey images, 10 classes, no download."""

    name: Literal["digits"]
    size: Annotated[int, Field(ge=8, le=64)]  # pixels a side after upsampling
    train_images: PositiveInt
    test_images: PositiveInt
    split_seed: NonNegativeInt


class Cifar10Data(Settings):
    """CIFAR-10's original python files, found under `data_dir` or downloaded there."""

    name: Literal["cifar10"]
    data_dir: str
    mirrors: list[str]  # addresses of the folder that holds the archive, tried in turn
    train_images: Annotated[int, Field(ge=1, le=50_000)]
    test_images: Annotated[int, Field(ge=1, le=10_000)]
    split_seed: NonNegativeInt


DataSettings = Annotated[DigitsData | Cifar10Data, Field(discriminator="name")]


class DataJob(Settings):
    """What `loft data` is told."""

    data: DataSettings


class AugmentSettings(Settings):
    """Random crop after zero padding, in pixels a side, and random horizontal flip."""

    crop_padding: NonNegativeInt
    flip: bool


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
    key = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "extra_forbidden":
        known = _known_keys(schema)
        near = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
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
