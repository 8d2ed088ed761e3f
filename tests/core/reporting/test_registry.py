"""Figures and tables are found by their files, and get what they need by name."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.reporting import registry
from loft.core.reporting.registry import Item, Materials, find, needed
from tests.conftest import ROOT

REPORTS = ["loft.tickets.report", "loft.theorem1", "loft.soda", "loft.diversity"]
FIGURE = '''
"""A figure."""
TITLE = "A title"
CAPTION = """
A caption.
"""


def draw(paths, cells, slopes):
    pass
'''
TABLE = """
TITLE = "A table"
CAPTION = "Numbers."


def make(jobs):
    return len(jobs)


def to_markdown(a_table):
    return "|"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package, whose name no other test's has."""
    monkeypatch.setattr(registry, "SOURCE", tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / tmp_path.name
    folder.mkdir()
    (folder / "__init__.py").touch()
    return folder


def test_a_file_says_all(package: Path) -> None:
    (package / "my_figure.py").write_text(FIGURE, encoding="utf-8")
    (package / "a_table.py").write_text(TABLE, encoding="utf-8")
    table, figure = find(package.name)
    assert (figure.name, figure.title, figure.caption) == ("my-figure", "A title", "A caption.")
    assert figure.needs == {"cells", "slopes"}
    assert figure.files("out") == ["out/my-figure.svg", "out/my-figure.png"]
    assert table.files("out") == ["out/a-table.csv", "out/a-table.md"]
    assert needed([table], [table]) == [table]
    assert needed([figure], [table]) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FIGURE.replace("TITLE", "NAME"), "found no TITLE; expected a text"),
        (FIGURE.replace("A caption.", ""), "found no CAPTION"),
        (FIGURE.replace("draw", "paint"), "found no function 'draw' or 'make'"),
        (FIGURE + "def", "line 1[0-9]: invalid syntax"),
    ],
)
def test_what_a_file_lacks_is_one_line(package: Path, text: str, said: str) -> None:
    (package / "wrong.py").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said) as error:
        find(package.name)
    assert str(error.value).startswith(f"{package / 'wrong.py'}: ")


def test_a_table_is_made_once_for_all_that_need_it(package: Path) -> None:
    (package / "a_table.py").write_text(TABLE, encoding="utf-8")
    made: list[Any] = []
    (table,) = find(package.name)

    class Jobs(list[int]):
        def __len__(self) -> int:
            made.append(self)
            return 3

    materials = Materials({"jobs": Jobs()}, [table])
    assert materials.table("a_table") == 3
    assert materials.texts([table], lambda _, value: str(value)) == {
        "a-table.csv": "3",
        "a-table.md": "|",
    }
    assert len(made) == 1


def test_what_nobody_gives_is_named(package: Path) -> None:
    (package / "my_figure.py").write_text(FIGURE, encoding="utf-8")
    (figure,) = find(package.name)
    with pytest.raises(UserError, match="parameter 'slopes'; expected names of cells, jobs"):
        Materials({"jobs": [], "cells": []}).prepare(figure)


ITEMS = [item for of in REPORTS for kind in ("figures", "tables") for item in find(f"{of}.{kind}")]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.module)
def test_every_item_is_ready_for_the_report(item: Item) -> None:
    path = ROOT / "src" / f"{item.module.replace('.', '/')}.py"
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert item.caption.endswith(".")
    assert not item.title.endswith(".")


def test_listing_them_imports_nothing_slow() -> None:
    """So that the graph is built in seconds."""
    slow = "{'torch', 'pandas', 'numpy', 'matplotlib', 'seaborn', 'scipy'}"
    packages = ", ".join(f"{of}.items" for of in REPORTS)
    script = f"import sys, {packages}; print(*[m for m in sys.modules if m in {slow}])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == ""
