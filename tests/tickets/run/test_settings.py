"""Methods of the table are sections; one without its key is left out."""

from typing import Any

from loft.tickets.methods import METHODS
from loft.tickets.run.run import Run
from loft.tickets.run.settings import Methods


def test_each_method_is_a_section() -> None:
    assert {*Methods.model_fields} == {*METHODS}


def test_a_method_without_its_key_is_left_out(tiny: dict[str, Any]) -> None:
    del tiny["methods"]["gpipe"]
    tiny["finetune"]["early"]["cells"] = ["loft-2"]
    run = Run.model_validate(tiny)
    assert [*run.methods.given()] == ["dense", "local_sgd", "loft"]
    assert all(cell.method != "gpipe" for cell in run.cells)
