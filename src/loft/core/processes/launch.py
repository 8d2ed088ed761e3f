"""Starting a job's worker processes, on this machine alone, and seeing them to their end."""

import math
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType
from typing import Any

from loft.core.errors import JobError, UserError
from loft.core.processes import failures, loopback, memory
from loft.core.processes.fork_server import end_with_parent, forking, private_folder
from loft.core.processes.signals import ending_signals, unblock_signals
from loft.core.processes.workers import PLACE, Place

LOOK = 0.2  # seconds between looks at the workers
GRACE = 5.0  # seconds for the others to leave by themselves, once a worker has failed
PATIENCE = 30.0  # seconds for workers to leave, once a signal has asked them to


def launch(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
    """Run `work(*arguments)` in each of `workers` processes, which find each other by a folder.

    When one worker fails the others are ended. A signal that asks to end is passed on to them; they
    have half a minute to leave.

    Raises:
        JobError: a worker raised, exited or was killed, a signal asked to end, or the machine lacks
            what workers need. What a worker says in a `JobError` is said here; of any other
            exception but a `UserError` the traceback is printed.
        UserError: a worker raised it, such as for a damaged image file.
    """
    memory.tune_allocator()
    loopback.require()
    meeting = Path(tempfile.mkdtemp(dir=private_folder()))
    processes: list[ForkServerProcess] = []
    try:
        with _noticing() as asked:
            with forking(work.__module__) as context:
                for rank in range(workers):
                    given = Place(rank, workers, meeting), work, arguments
                    process = context.Process(target=_be_worker, args=given)
                    process.start()
                    processes.append(process)
            _see_to_the_end(processes, asked)
        if any(process.exitcode != 0 for process in processes):
            raise _explain(processes, meeting, asked)
    finally:
        for process in processes:
            if process.exitcode is None:
                process.kill()
                process.join()
        shutil.rmtree(meeting, ignore_errors=True)


def _be_worker(place: Place, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Run in a worker process."""
    end_with_parent()
    unblock_signals()
    PLACE.set(place)
    try:
        work(*arguments)
    except Exception as error:
        failures.leave_note(place.folder, place.rank, error)
        sys.exit(1)


@contextmanager
def _noticing() -> Iterator[list[int]]:
    """Note the signals inside that ask to end, in a list, rather than end."""
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in ending_signals()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _see_to_the_end(processes: Sequence[ForkServerProcess], asked: list[int]) -> None:
    """Wait for the workers, and pass signals on; return before some that do not end in time."""
    passed, deadline, failed = 0, math.inf, False
    while left := [process for process in processes if process.exitcode is None]:
        now = time.monotonic()
        if not failed and any(process.exitcode for process in processes):
            failed, deadline = True, min(deadline, now + GRACE)
        if passed < len(asked):
            number, passed, deadline = asked[passed], passed + 1, min(deadline, now + PATIENCE)
            for process in left:
                with suppress(ProcessLookupError):
                    os.kill(process.pid or 0, number)
        if now > deadline:
            return
        connection.wait([process.sentinel for process in left], timeout=LOOK)


def _explain(
    processes: Sequence[ForkServerProcess], meeting: Path, asked: list[int]
) -> JobError | UserError:
    """Say what became of the workers that ended by themselves."""
    ended = {rank: process.exitcode for rank, process in enumerate(processes)}
    statuses = {rank: status for rank, status in ended.items() if status is not None}
    pids = [process.pid or 0 for process in processes]
    return failures.explain(meeting, statuses, pids, asked[0] if asked else None)
