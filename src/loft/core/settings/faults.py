"""Explain in one line why values do not fit a schema."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from loft.core.errors import suggestion
from loft.core.settings.values import shown


def explain(error: ValidationError, schema: type[BaseModel] | None = None) -> str:
    """Return one line for one thing that is wrong: the key, what was found, what was expected.

    An unknown key that is near a known one comes before all else, because the other faults may
    follow from it; otherwise the first fault is told.

    Args:
        error: what pydantic found.
        schema: of a params file. Without it all keys are shown as they were found.
    """
    known = set[str]() if schema is None else _known_keys(schema)
    errors = error.errors(include_url=False)
    misspelt = [each for each in errors if _unknown(each) and suggestion(each["loc"][-1], known)]
    fault = [*misspelt, *errors][0]
    key = _key(fault["loc"], schema, _unknown(fault))
    start = f"{key}: " if key else ""
    if _unknown(fault):
        return f"{start}unknown key{suggestion(fault['loc'][-1], known)}"
    if fault["type"] == "missing":
        return f"{start}missing"
    if fault["type"] == "value_error":  # our own validators say it all
        return f"{start}{fault['msg'].removeprefix('Value error, ')}"
    expected = f"{fault['msg'][0].lower()}{fault['msg'][1:]}{_as_number(fault)}"
    return f"{start}found {shown(fault['input'])}; {expected}"


def _unknown(fault: Mapping[str, Any]) -> bool:
    return bool(fault["type"] == "extra_forbidden")


def _key(location: tuple[int | str, ...], schema: type[BaseModel] | None, unknown: bool) -> str:
    """Return the dotted key of a fault, without the type names that pydantic adds to unions."""
    if schema is None:
        parts = [*location]
    else:
        known = _known_keys(schema)
        *sections, last = location or ("settings",)
        named = {place + 1 for place, part in enumerate(sections) if part in _mappings(schema)}
        parts = [
            part
            for place, part in enumerate(sections)
            if isinstance(part, int) or part in known or place in named
        ]
        if unknown or not sections or isinstance(last, int) or last in known:
            parts.append(last)
    return ".".join(part if part.isprintable() else shown(part) for part in map(str, parts))


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
    return {*_properties(schema)}


@cache
def _mappings(schema: type[BaseModel]) -> set[str]:
    """Collect the keys whose values are sections by a name that the user chooses."""
    return {
        name
        for name, about in _properties(schema).items()
        if "patternProperties" in about or isinstance(about.get("additionalProperties"), Mapping)
    }


def _properties(schema: type[BaseModel]) -> dict[str, Mapping[str, Any]]:
    """Return what JSON's schema says of every key, also of those in sections."""
    found: dict[str, Mapping[str, Any]] = {}
    ahead: list[Any] = [schema.model_json_schema()]
    while ahead:
        part = ahead.pop()
        if isinstance(part, Mapping):
            found |= part.get("properties", {})
            ahead += part.values()
        elif isinstance(part, list):
            ahead += part
    return found
