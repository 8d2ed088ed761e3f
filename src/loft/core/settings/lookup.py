"""Things with a name in a params file, which tables hold as "module:attribute".

They are imported when used, so that checking a params file is fast and editing one of them leaves
valid what was made with another.
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
    """Import what "module:attribute" names."""
    module, _, attribute = address.partition(":")
    return getattr(importlib.import_module(module), attribute)


@dataclass(frozen=True)
class Choices:
    """Metadata of a type that `choice` returns: the classes of its settings, by name."""

    classes: Mapping[str, type[BaseModel]]


def choice(base: type[BaseModel], settings: Mapping[str, str | type[BaseModel]]) -> Any:
    """Return the type of settings whose `name` says which of a table's they are.

    Args:
        base: what the classes of settings have in common, a field `name` at least.
        settings: for each name its class, or the address of it.
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
