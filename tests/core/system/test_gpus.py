"""GPUs are counted without torch, by what the driver says; here its tool is a script."""

from pathlib import Path

import pytest

from loft.core.system import gpus
from loft.core.system.devices import VARIABLE
from loft.core.system.gpus import Card

FIRST, SECOND = Card("GPU-aa1", 81559 * 2**20), Card("GPU-bb2", None)


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU-aa1, 81559'\necho 'GPU-bb2, [N/A]'\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (None, [FIRST, SECOND]),
        ("1", [SECOND]),
        ("1, 0", [SECOND, FIRST]),
        ("GPU-bb", [SECOND]),
        ("0,7,1", [FIRST]),  # CUDA ends the list at the first that there is not
        ("-1", []),
        ("", []),
        ("MIG-5c/1/0", [Card("MIG-5c/1/0", None)]),
    ],
)
def test_an_outer_choice_is_respected(
    monkeypatch: pytest.MonkeyPatch, named: str | None, expected: list[Card]
) -> None:
    if named is not None:
        monkeypatch.setenv(VARIABLE, named)
    assert gpus.cards() == expected


def test_without_the_tool_the_kernels_list_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpus, "QUERY", [str(tmp_path / "none")])
    monkeypatch.setattr(gpus, "LISTED", tmp_path / "gpus")
    monkeypatch.setenv(VARIABLE, "0")
    assert gpus.cards() == []
    (tmp_path / "gpus" / "0000:01:00.0").mkdir(parents=True)
    assert gpus.cards() == [Card("", None)]
