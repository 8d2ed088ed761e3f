"""The code of each step: what a rule lists as input, so that editing it reruns the step.

It is found by following imports of this project's modules, wherever in a file they stand. Tables
name what is loaded only when used (see `settings.lookup`) as text, which is not followed: a rule
adds the modules that its job loads from them. A table itself is left out, so that a new line in one
leaves valid what was made before; what the line of a job says reaches it as the files it lists.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "loft"
TABLES = [
    "loft.core.data.sources",
    "loft.models",
    "loft.tickets.pruning.criteria",
    "loft.tickets.methods",
]
SOURCE = Path(__file__).parents[3]  # the folder that holds the package


@cache
def modules(*names: str) -> tuple[str, ...]:
    """Return the files, below `src`, of modules and of all that they import, sorted.

    Packages whose `__init__` says nothing but what it is are left out, and tables not named.

    Args:
        names: such as "loft.tickets.pruning.prune"; what follows a colon is ignored.
    """
    found: dict[str, Path] = {}
    silent = {*TABLES} - {*names}
    ahead = [part for name in names for part in _packages(name.partition(":")[0])]
    while ahead:
        name = ahead.pop()
        if name not in found and (path := _file(name)) is not None:
            found[name] = path
            ahead += _imported(path)
    listed = [path for name, path in found.items() if name not in silent and _has_code(path)]
    return tuple(sorted(str(path.relative_to(SOURCE)) for path in listed))


def _file(name: str) -> Path | None:
    """Return a module's file, or None where the name is not a module's."""
    stem = SOURCE.joinpath(*name.split("."))
    places = stem.with_suffix(".py"), stem / "__init__.py"
    return next((path for path in places if path.is_file()), None)


@cache
def _imported(path: Path) -> tuple[str, ...]:
    """Return the project's names that a file imports, and the packages that hold them."""
    found = set()
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple({part for name in found for part in _packages(name)})


def _packages(name: str) -> list[str]:
    """Return a name with the packages that hold it, if the project has it."""
    parts = name.split(".")
    ends = range(1, len(parts) + 1) if parts[0] == PACKAGE else []
    return [".".join(parts[:end]) for end in ends]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those for type checkers alone."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _running(child)


@cache
def _has_code(path: Path) -> bool:
    first, *rest = ast.parse(path.read_text(encoding="utf-8")).body or [ast.Pass()]
    return bool(rest) or not isinstance(first, ast.Expr | ast.Pass)
