"""Which networks are checked before a run, and where none is."""

from collections.abc import Iterable
from typing import Any

import pytest
from torch import nn

from loft.tickets.run import check
from loft.tickets.run.run import Run

Checked = list[tuple[list[int], tuple[int, ...]]]  # filters of layer4.1 in each network, image


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Checked:
    found: Checked = []

    def note(networks: Iterable[nn.Module], image: tuple[int, ...], compute: object) -> None:
        widths = [
            len(tensor)
            for network in networks
            for name, tensor in network.named_parameters()
            if name == "layer4.1.conv1.weight"
        ]
        found.append((sorted(widths), image))

    monkeypatch.setattr(check, "check_processor", note)
    monkeypatch.setattr(check, "visible", lambda: [])
    return found


def test_every_width_that_a_worker_trains_is_checked(checked: Checked, run: Run) -> None:
    """Of 32 filters in layer4.1 LoFT's two workers have 16, and its four workers 8."""
    check.run(run)
    ((widths, image),) = checked
    assert {*widths} == {8, 16, 32}
    assert image == (1, 8, 8)


def test_every_model_is_checked(checked: Checked, tiny: dict[str, Any]) -> None:
    tiny["models"] = [{"name": "preresnet18", "width": width} for width in (4, 8)]
    tiny["models"][1]["name"] = "resnet18"
    tiny["methods"] = {"dense": {"workers": [1]}}
    tiny["finetune"]["early"] = {"cells": [], "ratios": []}
    check.run(Run.model_validate(tiny))
    assert [{*widths} for widths, _ in checked] == [{32}, {64}]


def test_where_there_are_gpus_nothing_is_checked(
    checked: Checked, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "visible", lambda: [0])
    check.run(run)
    assert checked == []
