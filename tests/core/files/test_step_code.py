"""The code of a step is what it imports, without lookup tables, schemas and empty packages."""

import ast
import importlib
import typing
from pathlib import Path

from loft.core.files.step_code import SCHEMAS, TABLES, code_files
from loft.core.settings.schema import Settings
from tests.test_architecture import SOURCE, STEPS

FOR_PEOPLE = {  # no rule runs these
    "loft.tickets.planning.plan",
    "loft.tickets.run.check",
    "loft.diversity.steps.check",
}


def taken_from_schemas(path: Path) -> set[tuple[str, str]]:
    """What a file takes from modules that declare settings: their names, and names in them."""
    return {
        (node.module, alias.name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("loft.")
        for alias in node.names
        if node.module.rpartition(".")[2] in SCHEMAS
    }


def functions(schema: type[Settings]) -> set[str]:
    """What steps could call of a class of settings; its checks are private."""
    own = schema.__mro__[: schema.__mro__.index(Settings)]
    found = {name for cls in own for name, value in vars(cls).items() if called(value)}
    return {name for name in found if not name.startswith("_")} - {"told_by", "model_post_init"}


def called(value: object) -> bool:
    return callable(value) or isinstance(value, property | classmethod | staticmethod)


def test_steps_take_only_declarations_from_what_is_not_their_code() -> None:
    """So that what such a module says reaches a step as JSON alone, which Snakemake compares."""
    code = {file for step in STEPS if step not in FOR_PEOPLE for file in code_files(step)}
    assert not [file for file in code if Path(file).stem in SCHEMAS]
    taken = {pair for file in code for pair in taken_from_schemas(SOURCE.parent / file)}
    assert ("loft.tickets.pretraining.job", "PretrainJob") in taken
    for module, name in taken:
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, type) and issubclass(found, Settings):
            assert functions(found) == set(), (module, name)
        else:
            assert typing.get_args(found), f"{module}.{name} is neither settings nor a type"


def test_imports_are_followed_to_the_end() -> None:
    assert code_files("loft.core.errors") == ("loft/core/errors.py",)
    found = code_files("loft.core.data.sources.digits")
    assert {"loft/core/data/sources/digits.py", "loft/core/seeding.py"} <= {*found}
    assert [*found] == sorted(found)


def test_text_after_a_colon_is_ignored() -> None:
    assert code_files("loft.core.seeding:stream") == code_files("loft.core.seeding")


def test_packages_with_only_a_docstring_are_left_out() -> None:
    assert not any(name.endswith("core/__init__.py") for name in code_files("loft.core.seeding"))


def test_a_table_is_code_only_where_it_is_named() -> None:
    table = "loft/core/data/sources/__init__.py"
    assert "loft.core.data.sources" in TABLES
    assert table in code_files("loft.core.data.sources")
    assert table not in code_files("loft.core.data.sources.digits")


def test_imports_for_type_checkers_are_no_code() -> None:
    assert "loft/core/data/dataset.py" not in code_files("loft.core.data.sources")
