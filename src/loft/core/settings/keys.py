"""Declare a key of the settings: default, unit, source and description in one place.

The types stand beside them, as the field's annotation:

    epochs: PositiveInt = key(20, "passes over the training images", source=PAPER)

`loft params` prints these facts with a run's values, and `docs/params.md` lists them.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

PAPER = "paper"  # a section or figure may follow: f"{PAPER}, section 6"
DECODED = "decoded"  # follows from numbers that the paper prints
OURS = "ours"
ABSENT: Any = object()


def key(
    default: Any,
    description: str,
    *,
    source: str,
    unit: str = "",
    neutral: Any = ABSENT,
    told: bool = True,
) -> Any:
    """Return the field of a key.

    Args:
        default: what a params file need not say; `...` where the key must be given.
        description: what the value is or does, in a few words without a full stop.
        source: where the default comes from: `PAPER`, `DECODED` or `OURS`, with the place. Of a
            key without a default: who asks for such a key.
        unit: of the value, "" for names, switches and pure numbers.
        neutral: only for a key that was added after results had been published: the value with
            which the code does what it did before the key. A step's JSON leaves the key out at this
            value, so that old jobs keep their JSON. Never change it.
        told: whether steps are told the value. False only where it changes no bit of a result.
    """
    facts: dict[str, Any] = {"source": source, "unit": unit, "told": told}
    if neutral is not ABSENT:
        facts["neutral"] = neutral
    return Field(default, description=description, json_schema_extra=facts)


def facts(field: FieldInfo) -> Mapping[str, Any]:
    """Return what `key` said of a field beside its default and description."""
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}
