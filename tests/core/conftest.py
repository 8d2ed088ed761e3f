"""A file system without locks."""

import errno
import fcntl

import pytest

REFUSALS = [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS]  # by file system


@pytest.fixture(params=REFUSALS, ids=lambda number: errno.errorcode[number])
def no_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(request.param, "no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
