"""List the code files of each step; rules name them as inputs, so that edits rerun the step.

The files are found by following the imports of this project's modules, wherever they are in a file.
Lookup tables (see `settings.lookup`) name modules as text, which is not followed: a rule adds the
modules that its job loads through a table. The tables themselves are left out, so that a new line
in one does not rerun earlier jobs.

Modules that declare settings are left out too, though what they import is followed. A step gets its
settings as JSON, made when the graph is built: a changed default, type or check changes what was
made only if it changes that JSON, and Snakemake compares the JSON. A test checks what this needs: a
step takes only classes and types from them, and the classes compute nothing.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "loft"
TABLES = [
    "loft.core.data.sources",
    "loft.models",
    "loft.tickets.network.criteria",
    "loft.tickets.methods",
]
SCHEMAS = ("settings", "shared", "job", "jobs")  # names of modules that declare settings
SOURCE = Path(__file__).parents[3]  # the folder that holds the package


@cache
def code_files(*names: str) -> tuple[str, ...]:
    """Return the files of modules and of everything they import, relative to `src`, sorted.

    Packages with an empty `__init__` (only a docstring) are left out, tables that `names` does not
    name, and modules that declare settings.

    Args:
        names: such as "loft.tickets.pruning.prune"; text after a colon is ignored.
    """
    found: dict[str, Path] = {}
    silent = {*TABLES} - {*names}
    ahead = [part for name in names for part in _packages(name.partition(":")[0])]
    while ahead:
        name = ahead.pop()
        if name not in found and (path := _file(name)) is not None:
            found[name] = path
            ahead += _imported(path)
    listed = [
        path
        for name, path in found.items()
        if name not in silent and path.stem not in SCHEMAS and _has_code(path)
    ]
    return tuple(sorted(str(path.relative_to(SOURCE)) for path in listed))


def _file(name: str) -> Path | None:
    """Return the file of a module, or None where there is no module of that name."""
    stem = SOURCE.joinpath(*name.split("."))
    places = stem.with_suffix(".py"), stem / "__init__.py"
    return next((path for path in places if path.is_file()), None)


@cache
def _imported(path: Path) -> tuple[str, ...]:
    """Return the project's names that a file imports, and their parent packages."""
    found = set()
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple({part for name in found for part in _packages(name)})


def _packages(name: str) -> list[str]:
    """Return a name and its parent packages; nothing where it is not of this project."""
    parts = name.split(".")
    ends = range(1, len(parts) + 1) if parts[0] == PACKAGE else []
    return [".".join(parts[:end]) for end in ends]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes except those inside `if TYPE_CHECKING`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _running(child)


@cache
def _has_code(path: Path) -> bool:
    first, *rest = ast.parse(path.read_text(encoding="utf-8")).body or [ast.Pass()]
    return bool(rest) or not isinstance(first, ast.Expr | ast.Pass)
