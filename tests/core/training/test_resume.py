"""A job's state comes back, belongs to one job, and is worked on by one process at a time."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from loft.core.errors import UserError
from loft.core.processes.signals import ending_signals
from loft.core.processes.workers import ProcessWorker
from loft.core.training.resume import StateKeeper, fingerprint, one_at_a_time, remove_state


@pytest.mark.usefixtures("no_locks")
def test_a_job_goes_on_without_a_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with one_at_a_time(tmp_path / "work"), one_at_a_time(tmp_path / "work"):
        pass
    said = f"{tmp_path / 'work' / 'lock'}: cannot be locked: no locks available; "
    assert capsys.readouterr().err == 2 * f"{said}nobody notices a job that runs twice\n"


def test_a_job_runs_once_at_a_time_with_a_lock(tmp_path: Path) -> None:
    with (
        one_at_a_time(tmp_path),
        pytest.raises(UserError, match="another process"),
        one_at_a_time(tmp_path),
    ):
        pass


@pytest.fixture
def handlers() -> Iterator[None]:
    """A keeper handles signals from its making on."""
    before = {number: signal.getsignal(number) for number in ending_signals()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_the_state_comes_back_to_its_job_alone(tmp_path: Path) -> None:
    def keeper(job: str) -> StateKeeper:
        return StateKeeper(tmp_path / "work", job, ProcessWorker(gpu=False))

    first = keeper("one")
    assert first.restore() is None
    for epoch in (1, 2):
        first.save_if_due(lambda e=epoch: ({"epoch": e}, {"w": torch.ones(2) * e}), True)  # type: ignore[misc]
    first.save_if_due(lambda: ({"epoch": 3}, {}))  # not due: no end of epoch, no time passed
    restored = keeper("one").restore()
    assert restored is not None
    assert restored[0] == {"epoch": 2}
    assert restored[1]["w"].tolist() == [2, 2]
    assert len([*(tmp_path / "work").glob("state-*")]) == 1
    assert keeper("another").restore() is None
    assert not [*(tmp_path / "work").glob("state*")]


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    keeper = StateKeeper(None, "one", ProcessWorker(gpu=False))
    keeper.save_if_due(lambda: ({}, {}), end_of_epoch=True)
    assert keeper.restore() is None
    assert keeper.outputs(tmp_path / "made") == tmp_path / "made"


def test_settings_inputs_and_code_make_a_fingerprint(tmp_path: Path) -> None:
    given = tmp_path / "images"
    given.write_bytes(b"images")
    first = fingerprint("{}", [given], ["loft/core/errors.py"])
    assert fingerprint("{}", [given], ["loft/core/errors.py"]) == first
    assert fingerprint("{1}", [given], ["loft/core/errors.py"]) != first
    assert fingerprint("{}", [given], ["loft/core/seeding.py"]) != first
    given.write_bytes(b"others")
    assert fingerprint("{}", [given], ["loft/core/errors.py"]) != first


def test_the_state_of_a_finished_job_is_removed(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    remove_state(tmp_path / "work")
    remove_state(None)
    assert not (tmp_path / "work").exists()
