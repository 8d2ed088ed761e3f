"""Calls in forked processes: all are made, and the first that fails says why."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from loft.core.errors import JobError, UserError
from loft.core.processes.forked import cores, run_all


def write(path: Path) -> None:
    path.write_text(str(os.getpid()), encoding="utf-8")


def fail(error: Exception) -> None:
    raise error


def linger() -> None:
    time.sleep(60)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("at_once", "processes"), [(1, 1), (2, 5), (9, 5)])
def test_every_call_is_made(tmp_path: Path, at_once: int, processes: int) -> None:
    paths = [tmp_path / str(number) for number in range(5)]
    run_all([partial(write, path) for path in paths], at_once)
    made_by = {path.read_text(encoding="utf-8") for path in paths}
    assert len(made_by) == processes
    assert (str(os.getpid()) in made_by) == (at_once == 1)


@pytest.mark.parametrize("error", [UserError("a.csv: damaged"), JobError("b.svg: disk full")])
def test_an_error_of_ours_is_raised_and_the_others_end(error: Exception) -> None:
    started = time.monotonic()
    with pytest.raises(type(error), match=str(error)):
        run_all([linger, partial(fail, error), linger], 3)
    assert time.monotonic() - started < 30


def test_another_error_is_traced_and_named(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(JobError, match="ended by status 1"):
        run_all([partial(fail, ValueError("no such thing")), linger], 2)
    assert "ValueError: no such thing" in capfd.readouterr().err


def test_a_killed_process_is_named() -> None:
    with pytest.raises(JobError, match="ended by signal 9"):
        run_all([killed, linger], 2)


def test_there_is_a_core() -> None:
    assert cores() >= 1
