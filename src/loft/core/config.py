"""The part of a run's settings that all studies share, and how settings are read and checked.

Settings are typed and closed: an unknown, missing or impossible value is a `UserError` that names
the key. Defaults live in `params/`, not here. This module imports no torch, so that building the
graph stays fast.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from loft.core.errors import UserError, suggestion

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Settings(BaseModel):
    """A closed set of keys: extra keys are errors, values are not coerced, instances are frozen.

    Numbers are finite.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

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


class Header(Settings):
    """What every params file begins with."""

    run: Name
    studies: Annotated[list[str], Field(min_length=1)]


Captured = bool | Literal["auto"]


class ComputeSettings(Settings):
    """How arithmetic is done. Each of these may change the bits of a result.

    `compiled`: by `torch.compile`, in steps of networks that are trained as a whole; GPipe's stages
    and evaluation stay as they are.

    `captured`: whether a GPU captures a step of training once and replays it; "auto": it does.
    GPipe's steps are taken as they come.

    `deterministic`: whether a GPU computes by algorithms that give the same bits every time. CPUs
    always do.

    These two have defaults, and are written only where they differ from them: what was made before
    there were such keys stays valid.

    `jobs_per_gpu`: how many jobs at most share a GPU. No job is told it, as it changes no bit.
    """

    threads: PositiveInt  # per process
    precision: Literal["float32", "bfloat16", "auto"]
    channels_last: bool
    compiled: bool
    captured: Captured = "auto"
    deterministic: bool = False
    jobs_per_gpu: PositiveInt = Field(default=2, exclude=True)

    @model_serializer(mode="wrap")
    def _without_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        values: dict[str, Any] = write(self)
        for name, value in [*values.items()]:
            if not fields[name].is_required() and value == fields[name].default:
                del values[name]
        return values


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
        UserError: the file is missing, is not YAML, has a key twice, or does not hold keys and
            values.
    """
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_twice(yaml.compose(text, yaml.SafeLoader))
        values = yaml.safe_load(text)
    except FileNotFoundError:
        near = suggestion(path, path.parent.glob(f"*{path.suffix}"))
        raise UserError(f"{path}: no such params file{near}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path}: expected keys and values, found {type(values).__name__}")
    return values


def _refuse_twice(root: yaml.Node | None) -> None:
    """Raise YAMLError where a section has a key twice: YAML's loader would take the last."""
    ahead, done = [root], set[int]()
    while ahead:
        node = ahead.pop()
        if id(node) in done:  # an alias
            continue
        done.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            ahead += node.value
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if str(key.value) in seen:
                    where = f"line {key.start_mark.line + 1}"
                    raise yaml.YAMLError(f"{where}: found key '{key.value}' twice; expected once")
                seen.add(str(key.value))
                ahead.append(value)


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
        return f"{key}: unknown key{suggestion(last, known)}"
    if first["type"] == "missing":
        return f"{key}: missing"
    if first["type"] == "value_error":  # our own validators say it all
        return f"{key}: {first['msg'].removeprefix('Value error, ')}"
    return f"{key}: found {first['input']!r}; {first['msg'][0].lower()}{first['msg'][1:]}"


@cache
def _known_keys(schema: type[BaseModel]) -> set[str]:
    """Collect every key of a schema and of the schemas inside it."""
    found: set[str] = set()
    ahead: list[Any] = [schema.model_json_schema()]
    while ahead:
        part = ahead.pop()
        if isinstance(part, Mapping):
            found |= part.get("properties", {}).keys()
            ahead += part.values()
        elif isinstance(part, list):
            ahead += part
    return found


def validate(schema: type[S], values: Mapping[str, Any], source: str) -> S:
    """Check `values` against `schema`.

    Raises:
        UserError: names `source`, the key, what was found and what was expected.
    """
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise UserError(f"{source}: {explain(error, schema)}") from None
