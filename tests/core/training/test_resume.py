from pathlib import Path

import pytest

from loft.core.errors import UserError
from loft.core.training.resume import one_at_a_time


@pytest.mark.usefixtures("no_locks")
def test_a_job_goes_on_without_a_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with one_at_a_time(tmp_path / "work"), one_at_a_time(tmp_path / "work"):
        pass
    said = f"{tmp_path}/work/lock: cannot be locked: no locks available; "
    assert capsys.readouterr().err == 2 * f"{said}nobody notices a job that runs twice\n"


def test_a_job_runs_once_at_a_time_with_a_lock(tmp_path: Path) -> None:
    with (
        one_at_a_time(tmp_path),
        pytest.raises(UserError, match="another process"),
        one_at_a_time(tmp_path),
    ):
        pass
