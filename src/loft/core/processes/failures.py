"""Why a job of several workers failed: the cause among what all of them say.

Where one fails, others lose their connection to it and fail as well, often sooner seen. So each
leaves a note of its error, and the first of the weightiest counts: an error of ours, an exception,
an end without a word, a lost connection.
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
TRANSPORTS = ("gloo", "NCCL", "ncclRemoteError")  # what the texts of lost connections name


class Note(NamedTuple):
    """What a worker left of its error.

    Attributes:
        rank: its own.
        when: seconds on the machine's clock.
        kind: the exception's class.
        text: the exception's.
        lost: whether all that it says is that another worker is gone.
        trace: the traceback.
    """

    rank: int
    when: float
    kind: str
    text: str
    lost: bool
    trace: str


def leave_note(folder: Path, rank: int, error: Exception) -> None:
    """Leave a worker's error in the job's folder; with no room there its status must do."""
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
    """Say in one line why a job failed; print the traceback of an exception that is not ours.

    Args:
        folder: where workers left notes.
        statuses: by rank, of workers that ended by themselves.
        pids: of all workers, in order of rank.
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
        with suppress(ValueError):  # cut short: there was no room for all of it
            said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            yield Note(**said)


def _line(text: str) -> str:
    return " ".join(text.split())
