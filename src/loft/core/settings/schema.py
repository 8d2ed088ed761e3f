"""Read, check and write settings, which are typed and closed.

An unknown, missing or impossible value is a `UserError` that names the key. This package imports no
torch, so that building the graph stays fast.

A params file leaves out what has its default. The JSON that a step is told leaves out only a key
that has its neutral value (see `keys.key`), and `parse` reads an absent key as that value, whatever
the default. So a new key reruns nothing that was made before there was the key.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from loft.core.errors import UserError
from loft.core.settings.faults import explain
from loft.core.settings.keys import facts as facts_of
from loft.core.settings.values import spelt

STEP = "what a step is told"  # the context in which `dump` writes and `parse` reads


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
            return cls.model_validate_json(text, context=STEP)
        except ValidationError as error:
            raise UserError(f"--settings: {explain(error, cls)}") from None

    def dump(self) -> str:
        """Return the JSON that `parse` reads, the same text for the same values."""
        return self.model_dump_json(context=STEP)

    def facts(self) -> dict[str, Any]:
        """Return the values as lines of measurements hold them: no key with its neutral value."""
        return self.model_dump(context=STEP)

    @property
    def told_by(self) -> Hashable:
        """The name or values by which these settings differ from others in the same list."""
        values = dict(self)
        return values.get("name") or tuple(spelt(value) for value in values.values())

    @model_validator(mode="before")
    @classmethod
    def _as_told(cls, values: Any, info: ValidationInfo) -> Any:
        """Put back what `dump` left out; other missing keys are errors."""
        if info.context != STEP or not isinstance(values, Mapping):
            return values
        absent = {}
        for name, field in cls.model_fields.items():
            about = facts_of(field)
            if name in values or not about.get("told", True):
                continue
            if "neutral" in about:
                absent[name] = about["neutral"]
            elif not field.is_required():
                raise ValueError(f"{name}: missing")
        return {**values, **absent}

    @model_serializer(mode="wrap")
    def _without_neutral(
        self, write: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        values: dict[str, Any] = write(self)
        if info.context == STEP:
            for name, field in type(self).model_fields.items():
                about = facts_of(field)
                neutral = "neutral" in about and values.get(name) == about["neutral"]
                if neutral or not about.get("told", True):
                    values.pop(name, None)
        return values


S = TypeVar("S", bound=Settings)


def validate(schema: type[S], values: Mapping[str, Any], source: str) -> S:
    """Check `values` against `schema`.

    Raises:
        UserError: names `source`, the key, what was found and what was expected.
    """
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise UserError(f"{source}: {explain(error, schema)}") from None
