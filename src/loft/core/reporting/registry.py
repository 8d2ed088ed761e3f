"""Find a study's figures and tables by listing a folder; each is one file.

A file of a figure has a function `draw(paths, ...)`, a file of a table a function `make(...)`. The
names of their parameters say what they need: a table of the study, or a value that the step gives,
such as `jobs`. Two constants are for the report: `TITLE` and `CAPTION`. The file's own name is the
name of what it makes, with a hyphen for an underscore. A table may also have `to_markdown(...)`
and `to_latex(...)`.

Files are parsed here, not imported: the graph lists figures without waiting for matplotlib.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.files.step_code import SOURCE
from loft.core.settings.lookup import load

FORMS = {  # functions of a file -> suffixes of the files that they make
    "draw": ("svg", "png"),
    "make": ("csv",),
    "to_markdown": ("md",),
    "to_latex": ("tex",),
}
TEXTS = ("TITLE", "CAPTION")


@dataclass(frozen=True)
class Item:
    """A figure or a table.

    Attributes:
        module: such as "loft.tickets.report.figures.figure1_layers".
        title: what the report calls it.
        caption: what a reader of the report should see in it, in reStructuredText.
        functions: those of `FORMS` that the file has, each with the names of what it needs.
    """

    module: str
    title: str
    caption: str
    functions: Mapping[str, tuple[str, ...]]

    @property
    def key(self) -> str:
        """How others name it when they need it: "figure1_layers"."""
        return self.module.rpartition(".")[2]

    @property
    def name(self) -> str:
        """Its files' name: "figure1-layers"."""
        return self.key.replace("_", "-")

    @cached_property
    def needs(self) -> frozenset[str]:
        """All that its functions need, by name."""
        return frozenset(name for needed in self.functions.values() for name in needed)

    def files(self, folder: str | Path) -> list[str]:
        """Return the files that it is written to; the first one is for the report."""
        forms = [form for function in self.functions for form in FORMS[function]]
        return [f"{folder}/{self.name}.{form}" for form in forms]

    def load(self, attribute: str) -> Any:
        """Import the file and return a function or constant of it."""
        return load(f"{self.module}:{attribute}")


def find(package: str) -> list[Item]:
    """Return the figures or tables whose files are in a package, in alphabetical order.

    Raises:
        UserError: a file lacks a text, or has no function that draws or makes.
    """
    folder = SOURCE.joinpath(*package.split("."))
    return [
        _item(path, f"{package}.{path.stem}")
        for path in sorted(folder.glob("*.py"))
        if path.name != "__init__.py"
    ]


def needed(items: Iterable[Item], tables: Sequence[Item]) -> list[Item]:
    """Return those tables that any of the items needs."""
    names = {name for item in items for name in item.needs}
    return [table for table in tables if table.key in names]


def _item(path: Path, module: str) -> Item:
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except SyntaxError as error:
        raise UserError(f"{path}: line {error.lineno}: {error.msg}") from None
    texts = {
        node.targets[0].id: inspect.cleandoc(node.value.value)
        for node in body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    for name in TEXTS:
        if not texts.get(name):
            raise UserError(f"{path}: found no {name}; expected a text, for the report")
    found = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    functions = {name: _parameters(found[name]) for name in FORMS if name in found}
    if not {"draw", "make"} & {*functions}:
        raise UserError(f"{path}: found no function 'draw' or 'make'; expected one of them")
    return Item(module, texts["TITLE"], texts["CAPTION"], functions)


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    """Return the names of what a function needs: of its parameters, but where a figure goes."""
    names = [argument.arg for argument in function.args.args]
    return tuple(names[1:] if function.name == "draw" else names)


def write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write texts into a folder, by file name. Raises JobError where one cannot be written."""
    for name, text in texts.items():
        write_bytes(folder / name, text.encode())


class Materials:
    """What figures and tables need, by name: values that are given, and tables, each made once."""

    def __init__(self, given: Mapping[str, Any], tables: Iterable[Item] = ()) -> None:
        self._values = dict(given)
        self._tables = {table.key: table for table in tables}

    def call(self, item: Item, function: str, *first: Any) -> Any:
        """Call a function of an item's file with `first` and all that it needs.

        Raises:
            UserError: it needs something that there is not.
        """
        values = {name: self._value(item, name) for name in item.functions[function]}
        return item.load(function)(*first, **values)

    def prepare(self, item: Item) -> None:
        """Make the tables that an item needs, and import its file."""
        for function, names in item.functions.items():
            item.load(function)
            for name in names:
                self._value(item, name)

    def table(self, key: str) -> Any:
        """Return a table, made unless it was."""
        return self._value(self._tables[key], key)

    def texts(self, tables: Iterable[Item], to_csv: Callable[[Item, Any], str]) -> dict[str, str]:
        """Return tables as text in each of their forms, by file name."""
        texts = {}
        for table in tables:
            for function in table.functions:
                if function == "make":
                    text = to_csv(table, self.table(table.key))
                else:
                    text = self.call(table, function)
                texts[f"{table.name}.{FORMS[function][0]}"] = text
        return texts

    def _value(self, item: Item, name: str) -> Any:
        if name not in self._values:
            if name not in self._tables:
                known = ", ".join(sorted({*self._values, *self._tables}))
                raise UserError(
                    f"{item.module}: found parameter '{name}'; expected names of {known}"
                )
            self._values[name] = self.call(self._tables[name], "make")
        return self._values[name]
