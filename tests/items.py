"""Check a study's figures and tables as its steps find them."""

from collections.abc import Collection, Sequence

from loft.core.reporting.registry import Item


def expect_made_of(figures: Sequence[Item], tables: Sequence[Item], given: Collection[str]) -> None:
    """Assert that figures draw, tables make, and all their needs are tables or given values."""
    assert figures
    assert tables
    assert all("draw" in figure.functions for figure in figures)
    assert all("make" in table.functions for table in tables)
    files = [file for item in (*figures, *tables) for file in item.files("made")]
    assert len(files) == len({*files})
    known = {table.key for table in tables} | {*given}
    for item in (*figures, *tables):
        assert item.needs <= known, f"{item.module} needs {sorted(item.needs - known)}"
