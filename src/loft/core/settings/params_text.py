"""Write settings as a params file with every key and comments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic.fields import FieldInfo

from loft.core.settings.keys import facts
from loft.core.settings.schema import Settings

NOTE = 40  # column where comments begin, where the value leaves room


def commented(run: Settings) -> str:
    """Return the text of a params file with every key of a run.

    A comment says what the key is, its unit, the source of the value, and the default where the
    value is another. Reading the text gives the same settings.
    """
    return "\n".join(_section(run, "")) + "\n"


def path_of(given: str) -> Path:
    """Return the params file that a run's name or a path stands for."""
    named = Path("params", f"{given}.yaml")
    return named if named.is_file() and not Path(given).is_file() else Path(given)


def _section(settings: Settings, margin: str) -> Iterator[str]:
    """Yield the lines of the keys of a section, after a margin of spaces."""
    for name, value in settings:
        field = type(settings).model_fields[name]
        start, note = f"{margin}{name}:", _note(field, value)
        if isinstance(value, Settings):
            yield _line(start, note)
            yield from _section(value, f"{margin}  ")
        elif isinstance(value, dict) and any(isinstance(own, Settings) for own in value.values()):
            yield _line(start, note)
            for own, entry in value.items():
                yield f"{margin}  {own}:"
                yield from _section(entry, f"{margin}    ")
        elif isinstance(value, list) and any(isinstance(entry, Settings) for entry in value):
            yield _line(start, note)
            for entry in value:
                first, *rest = _section(entry, f"{margin}    ")
                yield f"{margin}  - {first.lstrip()}"
                yield from rest
        else:
            yield _line(f"{start} {as_yaml(value)}", note)


def _line(text: str, note: str) -> str:
    return f"{text:<{NOTE}}  # {note}" if note else text


def _note(field: FieldInfo, value: Any) -> str:
    """Return what a comment says of a key."""
    about = facts(field)
    unit = f" [{about['unit']}]" if about.get("unit") else ""
    source = f" ({about['source']})" if about.get("source") else ""
    same = field.is_required() or isinstance(value, Settings) or value == field.default
    default = "" if same else f"; default {as_yaml(field.default)}"
    return f"{field.description or ''}{unit}{source}{default}".lstrip()


def as_yaml(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, width=float("inf"), sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")
