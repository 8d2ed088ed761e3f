"""Find the cause among the errors of a job's workers.

When one worker fails, the others lose their connection to it and fail too, and their errors may be
noticed earlier. Each worker therefore writes a note of its error. The cause is the first note of
the most important kind: a `UserError` or `JobError`, then another exception, then a process that
ended without a note, then a lost connection.
"""

import json
import signal
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from loft.core.errors import JobError, UserError
from loft.core.processes.progress import say

OWN_ERRORS = {kind.__name__: kind for kind in (UserError, JobError)}
TRANSPORTS = ("gloo", "NCCL", "ncclRemoteError")  # words in the messages about lost connections


class Note(NamedTuple):
    """The error of one worker.

    Attributes:
        rank: rank of the worker.
        when: time of the error, in seconds of the machine's monotonic clock.
        kind: class name of the exception.
        text: message of the exception.
        lost: whether the error only says that another worker is gone.
        trace: the traceback.
    """

    rank: int
    when: float
    kind: str
    text: str
    lost: bool
    trace: str


def leave_note(folder: Path, rank: int, error: Exception) -> None:
    """Write the error of a worker to the job's folder; skip it where the disk is full."""
    note = Note(
        rank, time.monotonic(), type(error).__name__, str(error), _lost(error),
        "".join(traceback.format_exception(error)),
    )  # fmt: skip
    with suppress(OSError):
        (folder / f"error-{rank}").write_text(json.dumps(note._asdict()), encoding="utf-8")


def _lost(error: Exception) -> bool:
    if type(error).__name__ in OWN_ERRORS:
        return False
    named = any(transport in str(error) for transport in TRANSPORTS)
    return isinstance(error, ConnectionError) or (isinstance(error, RuntimeError) and named)


def explain(
    folder: Path, statuses: Mapping[int, int], pids: Sequence[int], asked: int | None
) -> JobError | UserError:
    """Return an error that says in one line why a job failed.

    Print the traceback where the cause is neither a `UserError` nor a `JobError`.

    Args:
        folder: contains the notes of the workers.
        statuses: exit status by rank, of the workers that ended by themselves.
        pids: process ids of all workers, in order of rank.
        asked: the signal that asked the job to end, if any.
    """
    notes = sorted(_notes(folder), key=lambda note: note.when)
    for note in notes:
        if note.kind in OWN_ERRORS:
            return OWN_ERRORS[note.kind](note.text)

    def who(rank: int) -> str:
        return f"worker {rank} of {len(pids)} (process {pids[rank]})"

    silent = {rank: status for rank, status in statuses.items() if status}
    silent = {rank: silent[rank] for rank in silent.keys() - {note.rank for note in notes}}
    for note in sorted(notes, key=lambda note: note.lost):
        if note.lost and (silent or asked is not None):
            break
        say(note.trace.rstrip())
        return JobError(f"{who(note.rank)} failed: {note.kind}: {_line(note.text)}")
    if asked is not None:
        return JobError(f"stopped by {signal.Signals(asked).name}; start again to go on")
    rank, status = min(silent.items())
    ended = f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
    return JobError(f"{who(rank)} ended {ended}")


def _notes(folder: Path) -> Iterator[Note]:
    for path in folder.glob("error-*"):
        with suppress(ValueError):  # the note was cut off because the disk was full
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            yield Note(**said)


def _line(text: str) -> str:
    return " ".join(text.split())
