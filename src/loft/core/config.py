"""The part of a run's settings that all studies share, and how settings are read and checked.

Settings are typed and closed: an unknown, missing or impossible value is a `UserError` that names
the key. Defaults live in `params/`, not here. This module imports no torch, so that building the
graph stays fast.
"""

import math
import stat
from collections.abc import Hashable, Mapping
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
from loft.core.values import Distinct, Name, shown, spelt

LARGEST = 2**18  # bytes of a params file; this project's own are below a twentieth of it
MOST_VALUES = 100_000  # in a params file, with every alias counted as what it stands for


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

    @property
    def told_by(self) -> Hashable:
        """What tells these settings from others in the same list: their name, or else all."""
        values = dict(self)
        return values.get("name") or tuple(spelt(value) for value in values.values())


S = TypeVar("S", bound=Settings)


class Header(Settings):
    """What every params file begins with."""

    run: Name
    studies: Annotated[Distinct[str], Field(min_length=1)]


Captured = bool | Literal["auto"]


class ComputeSettings(Settings):
    """How arithmetic is done. Each of these may change the bits of a result.

    `compiled`: by `torch.compile`, in steps of networks that are trained as a whole; GPipe's stages
    and evaluation stay as they are.

    `captured`: whether a GPU captures a step of training once and replays it; "auto": it does.
    GPipe's are captured where its stages share a GPU, else taken as they come.

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
        UserError: the file is missing, is no file or too large, is not YAML, has a key twice, has
            aliases that stand for too much, or does not hold keys and values.
    """
    try:
        loader = yaml.SafeLoader(_text(path))
        root = loader.get_single_node()
        _refuse_twice(root)
        _refuse_growth(root)
        values = None if root is None else loader.construct_document(root)
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


def _text(path: Path) -> str:
    """Return what a file holds; nothing is read of a pipe, nor of a file without end."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise UserError(f"{path}: found no regular file; expected a params file")
    if about.st_size > LARGEST:
        size = f"{about.st_size:,} bytes"
        raise UserError(f"{path}: found {size}; expected a params file of at most {LARGEST:,}")
    return path.read_text(encoding="utf-8")


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


def _refuse_growth(root: yaml.Node | None) -> None:
    """Raise YAMLError where aliases of aliases stand for more values than memory may hold."""
    sizes: dict[int, int | None] = {}  # of nodes, None while what is inside is counted

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = None
            inside = node.value if isinstance(node, yaml.SequenceNode) else []
            if isinstance(node, yaml.MappingNode):
                inside = [part for pair in node.value for part in pair]
            sizes[id(node)] = 1 + sum(map(size, inside))
        found, where = sizes[id(node)], f"line {node.start_mark.line + 1}"
        if found is None:
            raise yaml.YAMLError(f"{where}: found a value inside itself, by an alias")
        if found > MOST_VALUES:
            most = f"expected at most {MOST_VALUES:,}"
            raise yaml.YAMLError(f"{where}: found {found:,} values, aliases counted; {most}")
        return found

    if root is not None:
        size(root)


def explain(error: ValidationError, schema: type[BaseModel]) -> str:
    """Return one line for the first thing wrong: the key, what was found, what was expected."""
    first = error.errors()[0]
    known = _known_keys(schema)
    extra = first["type"] == "extra_forbidden"
    *sections, last = first["loc"] or ("settings",)
    parts = [part for part in sections if isinstance(part, int) or part in known]  # no unions' tags
    if extra or not sections or isinstance(last, int) or last in known:
        parts.append(last)
    key = ".".join(part if str(part).isprintable() else shown(part) for part in map(str, parts))
    if extra:
        return f"{key}: unknown key{suggestion(last, known)}"
    if first["type"] == "missing":
        return f"{key}: missing"
    if first["type"] == "value_error":  # our own validators say it all
        return f"{key}: {first['msg'].removeprefix('Value error, ')}"
    expected = f"{first['msg'][0].lower()}{first['msg'][1:]}{_as_number(first)}"
    return f"{key}: found {shown(first['input'])}; {expected}"


def _as_number(error: Mapping[str, Any]) -> str:
    """Return how to write a number that YAML 1.1 takes for text, such as 1e-3; "" for others."""
    text, whole = error["input"], error["type"] == "int_type"
    if error["type"] not in ("int_type", "float_type") or not isinstance(text, str):
        return ""
    try:
        number = float(text)
    except ValueError:
        return ""
    if not math.isfinite(number) or (whole and not number.is_integer()):
        return ""
    mantissa, e, exponent = text.strip().lower().partition("e")
    written = f"{number:.0f}" if whole else mantissa
    if e and not whole:  # YAML 1.1 wants a point before an exponent, and a sign in it
        written += ".0" * ("." not in mantissa) + f"e{int(exponent):+d}"
    return f": this is text in YAML; write {written}"


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
