"""A file system without locks is named, not waited for."""

import errno
import fcntl
from pathlib import Path
from typing import Any

import pytest

from loft.core.artifacts.publish import publish
from loft.core.artifacts.restore import restore
from loft.core.errors import UserError


@pytest.mark.parametrize("step", [restore, publish])
def test_without_locks_both_steps_end_in_one_line(
    author: Path, monkeypatch: pytest.MonkeyPatch, step: Any
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UserError, match=r"^\.dvc/tmp: no file can be locked here: Operation"):
        step()
