"""Every module has a test at its path, so that a changed module's test is found by its name."""

import ast
from pathlib import Path

from tests.conftest import ROOT


def has_code(path: Path) -> bool:
    """Whether a module holds more than a docstring."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(not isinstance(node, ast.Expr) for node in body)


def file_of_test(module: Path) -> Path:
    """Return where a module's test is, below the tests; a package's bears the package's name."""
    name = module.parent.name if module.stem == "__init__" else module.stem.strip("_")
    return module.parent / f"test_{name}.py"


def untested(source: Path, tests: Path) -> list[str]:
    """Return the modules below `source` that have no test at the same path below `tests`."""
    modules = [path.relative_to(source) for path in sorted(source.rglob("*.py")) if has_code(path)]
    return [
        f"{module}: expected a test in {file_of_test(module)}"
        for module in modules
        if not _tests_something(tests / file_of_test(module))
    ]


def _tests_something(path: Path) -> bool:
    if not path.exists():
        return False
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name[:5] == "test_" for node in body)


def test_every_module_has_a_test_at_its_path() -> None:
    assert untested(ROOT / "src" / "loft", ROOT / "tests") == []


def test_a_module_without_a_test_is_named(tmp_path: Path) -> None:
    source, tests = tmp_path / "src", tmp_path / "tests"
    for folder in (source / "a", tests / "a"):
        folder.mkdir(parents=True)
    (source / "a" / "__init__.py").write_text('"""A package of two modules."""\n')
    (source / "a" / "b.py").write_text('"""Count."""\n\nNUMBER = 1\n')
    (source / "a" / "empty.py").touch()
    said = ["a/b.py: expected a test in a/test_b.py"]
    assert untested(source, tests) == said
    (tests / "a" / "test_b.py").write_text('"""Nothing yet."""\n')
    assert untested(source, tests) == said
    (tests / "a" / "test_b.py").write_text("def test_it() -> None:\n    assert True\n")
    assert untested(source, tests) == []
    (source / "a" / "__init__.py").write_text("LIST = [1]\n")
    assert untested(source, tests) == ["a/__init__.py: expected a test in a/test_a.py"]
