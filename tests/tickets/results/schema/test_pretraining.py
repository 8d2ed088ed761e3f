"""Lines of a pretraining that do not fit together are faults."""

from types import SimpleNamespace
from typing import Any

from loft.tickets.results.schema.pretraining import Pretrained

KNOWN: dict[str, Any] = {"epochs": 2, "workers": 2, "trained_by": None}
FIRST = Pretrained.model_construct(**KNOWN)


def lines(*epochs: tuple[int, float | None], workers: int = 2) -> dict[str, list[Any]]:
    return {
        "result": [SimpleNamespace()],
        "worker": [SimpleNamespace()] * workers,
        "epoch": [SimpleNamespace(epoch=n, test_accuracy=tested) for n, tested in epochs],
    }


def test_whole_lines_have_no_fault() -> None:
    assert [*FIRST.faults(lines((1, None), (2, 50.0)))] == []


def test_missing_epochs_workers_and_tests() -> None:
    assert [*FIRST.faults(lines((1, None), (3, 50.0)))] == ["found epoch 3 in place of epoch 2"]
    assert [*FIRST.faults(lines((1, None), (2, None)))] == [
        "found no test accuracy of the last epoch"
    ]
    assert len([*FIRST.faults(lines((1, None), (2, 50.0), workers=1))]) == 1


def test_a_cell_that_another_trains_has_no_epochs() -> None:
    shared = FIRST.model_copy(update={"trained_by": "gpipe-2"})
    assert [*shared.faults(lines())] == []
    assert len([*shared.faults(lines((1, None), (2, 50.0)))]) == 1
