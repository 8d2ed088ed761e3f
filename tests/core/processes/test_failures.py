"""Of all that a job's workers say, its cause is shown."""

import signal
from pathlib import Path

import pytest

from loft.core.errors import JobError, UserError
from loft.core.processes.failures import explain, leave_note

LOST = RuntimeError("[gloo/transport/tcp/pair.cc:547] Connection closed by peer [127.0.0.1]:34567")
PIDS = [11, 12, 13]
TERM, KILL = -signal.SIGTERM, -signal.SIGKILL


@pytest.mark.parametrize(
    ("said", "statuses", "asked", "expected"),
    [
        ({0: LOST, 1: UserError("a.png: damaged")}, {0: 1, 1: 1}, None, "a.png: damaged"),
        ({0: LOST, 1: JobError("the loss is nan")}, {0: 1, 1: 1}, None, "the loss is nan"),
        (
            {0: KeyError("x"), 1: UserError("a.png: damaged")}, {0: 1, 1: 1}, None,
            "a.png: damaged",
        ),
        (
            {0: LOST, 2: KeyError("x")}, {0: 1, 2: 1}, None,
            "worker 2 of 3 (process 13) failed: KeyError: 'x'",
        ),
        (
            {0: LOST, 1: LOST}, {0: 1, 1: 1, 2: KILL}, None,
            "worker 2 of 3 (process 13) ended by SIGKILL",
        ),
        ({0: LOST}, {0: 1, 2: 7}, None, "worker 2 of 3 (process 13) ended with status 7"),
        ({0: LOST}, {0: 1}, None, f"worker 0 of 3 (process 11) failed: RuntimeError: {LOST}"),
        (
            {0: ConnectionResetError("gone"), 1: OSError("no room")}, {0: 1, 1: 1}, None,
            "worker 1 of 3 (process 12) failed: OSError: no room",
        ),
        ({0: LOST}, {0: 1, 1: TERM}, signal.SIGTERM, "stopped by SIGTERM; start again to go on"),
        ({}, {}, signal.SIGINT, "stopped by SIGINT; start again to go on"),
        ({0: JobError("kept")}, {0: 1, 1: TERM}, signal.SIGTERM, "kept"),
        (
            {1: KeyError("x")}, {0: TERM, 1: 1}, signal.SIGTERM,
            "worker 1 of 3 (process 12) failed: KeyError: 'x'",
        ),
    ],
)  # fmt: skip
def test_the_weightiest_counts(
    tmp_path: Path,
    said: dict[int, Exception],
    statuses: dict[int, int],
    asked: int | None,
    expected: str,
) -> None:
    for rank, error in said.items():
        leave_note(tmp_path, rank, error)
    assert str(explain(tmp_path, statuses, PIDS, asked)) == expected


def test_the_first_of_equals_counts(tmp_path: Path) -> None:
    for rank in (2, 0, 1):
        leave_note(tmp_path, rank, UserError(f"from {rank}"))
    error = explain(tmp_path, {0: 1, 1: 1, 2: 1}, PIDS, None)
    assert isinstance(error, UserError)
    assert str(error) == "from 2"


def test_a_note_cut_short_is_none(tmp_path: Path) -> None:
    leave_note(tmp_path, 1, UserError("a"))
    path = tmp_path / "error-1"
    path.write_bytes(path.read_bytes()[:20])
    assert str(explain(tmp_path, {1: 1}, PIDS, None)).endswith("ended with status 1")


def test_an_error_of_several_lines_is_one_line_and_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_note(tmp_path, 0, ValueError("one\n  two"))
    assert str(explain(tmp_path, {0: 1}, PIDS, None)).endswith("ValueError: one two")
    assert "ValueError: one" in capsys.readouterr().err
