import multiprocessing
import os
from typing import Any

import pytest

from loft.core.processes import shared_memory


def test_nothing_is_wrong_where_semaphores_can_be_made() -> None:
    assert shared_memory.fault() is None


def test_the_system_says_why_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(multiprocessing.get_context("fork"), "Lock", refuse)
    assert shared_memory.fault() == "Read-only file system"
