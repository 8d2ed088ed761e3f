"""Define types of values in params files that become names in files, commands and tables.

A list of settings is `Distinct`, so that no two entries share a file or count twice.
"""

import reprlib
from collections.abc import Hashable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

T = TypeVar("T")
SHORT = reprlib.Repr()  # of values in messages, which may be large or deep
SHORT.maxlevel = SHORT.maxdict = 2
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 100


def spelt(value: Any) -> Hashable:
    """Return a value as files and tables spell it: a float to six digits, settings by name."""
    told = getattr(value, "told_by", value)
    if isinstance(told, list):
        return tuple(map(spelt, told))
    named: Hashable = f"{told:g}" if isinstance(told, float) else told
    return named


def _all_differ(entries: list[T]) -> list[T]:
    """Refuse entries that files and tables would spell alike."""
    first: dict[Hashable, T] = {}
    for entry in entries:
        name = spelt(entry)
        if name in first and isinstance(entry, float) and entry != first[name]:
            found = f"{first[name]!r} and {entry!r}"
            raise ValueError(f"found {found}; expected all different in their first six digits")
        if name in first:
            found = shown(name if hasattr(entry, "told_by") else entry)
            raise ValueError(f"found {found} twice; expected all different")
        first[name] = entry
    return entries


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"found {shown(text)}; expected text without control characters")
    return text


def _no_braces(text: str) -> str:
    if set(text) & {*"{}"}:
        raise ValueError(f"found {shown(text)}; expected a path without braces: they are wildcards")
    return text


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Distinct = Annotated[list[T], AfterValidator(_all_differ)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_plain)]  # for tables and commands
Where = Annotated[Text, AfterValidator(_no_braces)]  # a path or a part of one


def shown(value: Any) -> str:
    """Return a value as a message shows it, cut short where it is long."""
    return SHORT.repr(value)
