"""Each method answers for itself: no code outside its file asks which method it is."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loft.tickets.methods import METHODS
from loft.tickets.methods.interface import find
from tests.conftest import ROOT

SOURCE = ROOT / "src" / "loft"
FILES = [
    path
    for path in sorted(SOURCE.rglob("*.py"))
    if SOURCE / "tickets" / "methods" not in path.parents
]
BASES = {base for name in METHODS for base in find(name).__mro__ if "methods" in base.__module__}
CLASSES = {base.__name__ for base in BASES} - {"Method"}
# What the paper calls the methods.
BY_NAME = {"tickets/results/printed.py"}


def faults(source: str) -> list[str]:
    """Say where a module asks which method it has, or holds a table of methods."""
    return [
        f"{node.lineno}: {ast.unparse(node)[:80]}"  # type: ignore[attr-defined]
        for node in ast.walk(ast.parse(source))
        if _compares(node) or _is_instance(node) or _is_table(node)
    ]


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the methods that a literal names, itself or as an entry."""
    for entry in getattr(node, "elts", [node]):
        if isinstance(entry, ast.Constant) and entry.value in METHODS:
            yield str(entry.value)


def _compares(node: ast.AST) -> bool:
    if isinstance(node, ast.MatchValue):
        return bool([*_names(node.value)])
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
    return any([*_names(side)] for side in sides)


def _is_instance(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass")):
        return False
    named = {name.rpartition(".")[2] for name in ast.unparse(node.args[1]).strip("()").split(", ")}
    return bool(named & CLASSES) or any(name.endswith("Options") for name in named)


def _is_table(node: ast.AST) -> bool:
    keys = [key for key in node.keys if key] if isinstance(node, ast.Dict) else []
    return sum(len([*_names(key)]) for key in keys) > 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_no_code_outside_asks_which_method_it_is(path: Path) -> None:
    if path.relative_to(SOURCE).as_posix() not in BY_NAME:
        assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "if method == 'gpipe': pass",
        "found = 'loft' in methods",
        "if cell.method not in ('loft', 'local_sgd'): pass",
        "isinstance(options, LocalTraining)",
        "isinstance(options, (methods.Loft, GPipe))",
        "isinstance(options, LoftOptions)",
        "LOOKS = {'loft': 'green', 'gpipe': 'blue'}",
        "match method:\n    case 'dense':\n        pass",
    ],
)
def test_the_rule_knows_such_code(source: str) -> None:
    assert faults(source)


def test_a_methods_file_imports_torch_only_to_train() -> None:
    """So that checking a params file and building the graph stay fast."""
    script = (
        "import sys; from loft.tickets.methods import METHODS;"
        "from loft.tickets.methods.interface import find;"
        "print(*[find(name).look.title for name in METHODS], sep=',');"
        "print(*[m for m in sys.modules if m in {'torch', 'pandas', 'matplotlib'}])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    titles, heavy = printed.stdout.split("\n")[:2]
    assert len(titles.split(",")) == len(METHODS)
    assert heavy == ""
