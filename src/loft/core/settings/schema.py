"""Closed, typed settings: how they are read, checked and explained.

Settings are typed and closed: an unknown, missing or impossible value is a `UserError` that names
the key. This package imports no torch, so that building the graph stays fast.
"""

import math
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
)

from loft.core.errors import UserError, suggestion
from loft.core.settings.values import shown, spelt


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
