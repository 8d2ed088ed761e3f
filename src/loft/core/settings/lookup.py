"""Load code by its address "module:attribute", which lookup tables hold for names in params files.

The code is imported when it is used. So checking a params file is fast, and editing one entry's
code does not rerun jobs that use another.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    SerializeAsAny,
    ValidationInfo,
    WithJsonSchema,
)

from loft.core.errors import suggestion


def load(address: str) -> Any:
    """Import the module of an address and return the attribute."""
    module, _, attribute = address.partition(":")
    return getattr(importlib.import_module(module), attribute)


@dataclass(frozen=True)
class Choices:
    """Metadata of a type that `choice` returns: the classes of its settings, by name."""

    classes: Mapping[str, type[BaseModel]]


def choice(base: type[BaseModel], settings: Mapping[str, str | type[BaseModel]]) -> Any:
    """Return a type of settings whose `name` chooses the class from a table.

    Args:
        base: common base of the classes, with a field `name`.
        settings: class, or address of the class, by name.
    """

    def of(name: str) -> type[BaseModel]:
        found = settings[name]
        cls: type[BaseModel] = load(found) if isinstance(found, str) else found
        return cls

    def named(values: Any, info: ValidationInfo) -> Any:
        if not isinstance(values, Mapping):
            return values
        name = values.get("name")
        if name not in [*settings]:
            expected = f"expected one of {', '.join(settings)}{suggestion(name, settings)}"
            raise ValueError(f"name: found {name!r}; {expected}")
        return of(name).model_validate(values, context=info.context)

    classes = {name: of(name) for name in settings}
    known = WithJsonSchema({"anyOf": [cls.model_json_schema() for cls in classes.values()]})
    return Annotated[SerializeAsAny[base], BeforeValidator(named), known, Choices(classes)]  # type: ignore[misc, valid-type]
