"""Make the reference of all keys, `docs/params.md`, from the schema."""

import typing
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from loft.core.settings.keys import facts
from loft.core.settings.lookup import Choices
from loft.core.settings.params_text import as_yaml
from loft.core.settings.schema import Settings

COLUMNS = ["key", "type", "default", "unit", "source", "meaning"]


class Section(NamedTuple):
    """Some keys of a params file that stand together.

    Attributes:
        path: their section's, such as "pretrain.sgd"; "" for the keys outside all sections. Of a
            list of sections the name ends in "[]".
        name: which kind of the section it is, for a section that has different keys by its `name`.
        schema: the class that declares the keys.
    """

    path: str
    name: str | None
    schema: type[Settings]


def sections(schema: type[Settings], path: str = "", name: str | None = None) -> Iterator[Section]:
    """Yield a schema and the schemas inside it, each before those inside it."""
    yield Section(path, name, schema)
    for key, field in schema.model_fields.items():
        start = f"{path}.{key}" if path else key
        for inside, chosen, many in _inside(field.annotation, field.metadata):
            yield from sections(inside, f"{start}[]" if many else start, chosen)


def markdown(schemas: Mapping[str, type[Settings]]) -> str:
    """Return the tables of all keys.

    Args:
        schemas: by the name of a study, the keys of its params files.
    """
    seen: set[tuple[str, type[Settings]]] = set()
    parts = []
    for study, schema in schemas.items():
        parts.append(f"## `{study}`\n")
        for section in sections(schema):
            if (section.path, section.schema) not in seen:
                seen.add((section.path, section.schema))
                parts.append(_table(section))
    return "\n".join(parts)


def _inside(
    annotation: Any, metadata: list[Any], many: bool = False
) -> Iterator[tuple[type[Settings], str | None, bool]]:
    """Yield the schemas of a key's type, the name that chooses each, and if it is a list's."""
    for choices in (each for each in metadata if isinstance(each, Choices)):
        yield from ((cls, name, many) for name, cls in _by_class(choices).items())
        return
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation, None, many
        return
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from _inside(inner[0], [*inner[1:]], many)
        return
    for part in inner:
        yield from _inside(part, [], many or origin is list)


def _by_class(choices: Choices) -> dict[str, type[Settings]]:
    """Return each class once, by all the names that choose it."""
    names: dict[type[Settings], list[str]] = {}
    for name, cls in choices.classes.items():
        names.setdefault(typing.cast(type[Settings], cls), []).append(name)
    return {", ".join(own): cls for cls, own in names.items()}


def _table(section: Section) -> str:
    """Return a section's heading, what its class says, and a line for each key."""
    schema, path = section.schema, section.path
    title = f"`{path}`" if path else "Keys outside all sections"
    title += f" with `name: {section.name}`" if section.name else ""
    said = (schema.__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip()
    types = schema.model_json_schema()
    known = types.get("$defs", {})
    properties = known[schema.__name__]["properties"] if "$ref" in types else types["properties"]
    rows = [COLUMNS, ["---"] * len(COLUMNS)]
    for key, field in schema.model_fields.items():
        rows.append(_row(key, field, properties[key], known))
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"### {title}\n\n{' '.join(said.split())}\n\n{lines}"


def _row(
    key: str, field: FieldInfo, schema: Mapping[str, Any], known: Mapping[str, Any]
) -> list[str]:
    about = facts(field)
    default = "must be given" if field.is_required() else _default(field)
    cells = [f"`{key}`", _type(schema, known), default, about.get("unit", "")]
    cells += [about.get("source", ""), field.description or ""]
    return [cell.replace("|", "\\|") for cell in cells]


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, Settings):
        return "its own defaults"
    if value == {}:
        return "none" if typing.get_origin(field.annotation) is dict else "depends on `data`"
    return f"`{as_yaml(value)}`"


def _type(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """Return what a value may be, from JSON's schema of it."""
    if "$ref" in schema:
        return _type(known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema or "oneOf" in schema:
        parts = [_type(part, known) for part in schema.get("anyOf", schema.get("oneOf", []))]
        return " or ".join(dict.fromkeys(parts))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{as_yaml(value)}`" for value in values)
    kind = schema.get("type", "text")
    if kind == "array":
        return f"list of: {_type(schema.get('items', {}), known)}"
    names = {"object": "section", "string": "text", "boolean": "true or false", "null": "null"}
    return names.get(kind, f"{kind}{_range(schema)}")


def _range(schema: Mapping[str, Any]) -> str:
    """Return the bounds of a number, such as " > 0, <= 1"."""
    signs = {"exclusiveMinimum": ">", "minimum": ">=", "exclusiveMaximum": "<", "maximum": "<="}
    found = [f"{sign} {schema[name]:g}" for name, sign in signs.items() if name in schema]
    return f" {', '.join(found)}" if found else ""
