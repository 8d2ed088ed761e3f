"""The code of a step is what it imports, without lookup tables and empty packages."""

from loft.core.files.step_code import TABLES, code_files


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
