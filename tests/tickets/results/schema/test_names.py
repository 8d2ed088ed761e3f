"""Names in lines and tables are checked."""

import pytest
from pydantic import TypeAdapter, ValidationError

from loft.tickets.results.schema.names import CellName, Share, method_name


@pytest.mark.parametrize("name", ["dense", "unpruned", "loft-4", "random", "gpipe-1000"])
def test_cells(name: str) -> None:
    assert TypeAdapter(CellName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "lofty-2", "loft-0", "loft-x", "loft-10000", "loft-4-2"])
def test_names_of_no_cell_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CellName).validate_python(name)


def test_methods_and_controls_have_names() -> None:
    assert method_name("loft") == "loft"
    assert method_name("scratch") == "scratch"
    with pytest.raises(ValueError, match="found 'loft-2'; expected one of"):
        method_name("loft-2")


@pytest.mark.parametrize("value", [0, 1, -0.5])
def test_a_share_is_between_0_and_1(value: float) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Share).validate_python(value)
