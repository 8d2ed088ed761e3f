"""Where a file system has no locks, jobs run without and say so in a line."""

import errno
import fcntl
from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.files.locks import NoLocksError, lock
from loft.core.system.devices import leased
from loft.core.training.resume import alone

REFUSALS = [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS]  # by file system


@pytest.fixture(params=REFUSALS, ids=lambda number: errno.errorcode[number])
def no_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(request.param, "no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_a_lock_is_held_until_its_file_is_closed(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        assert lock(first)
        assert not lock(second)
        first.close()
        assert lock(second)


@pytest.mark.usefixtures("no_locks")
def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as file, pytest.raises(NoLocksError) as error:
        lock(file)
    assert str(error.value) == f"{tmp_path / 'lock'}: cannot be locked: no locks available"


@pytest.mark.usefixtures("no_locks")
def test_a_job_goes_on_without_a_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with alone(tmp_path / "work"), alone(tmp_path / "work"):
        pass
    said = f"{tmp_path}/work/lock: cannot be locked: no locks available; "
    assert capsys.readouterr().err == 2 * f"{said}nobody notices a job that runs twice\n"


def test_a_job_runs_once_at_a_time_with_a_lock(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(UserError, match="another process"), alone(tmp_path):
        pass


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("count", [1, 2])
def test_gpus_are_handed_out_without_leases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int
) -> None:
    with leased(count, ["3", "5", "7"], tmp_path) as gpus:
        assert len({*gpus} & {"3", "5", "7"}) == count
    (said,) = capsys.readouterr().err.splitlines()
    assert "jobs may share a GPU" in said
