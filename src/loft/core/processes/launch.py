"""Start the worker processes of a job on this machine and wait until they end."""

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

POLL_SECONDS = 0.2  # between checks of the workers
FAILURE_SECONDS = 5.0  # for the other workers to end by themselves after one has failed
SIGNAL_SECONDS = 30.0  # for workers to end after a signal


def launch(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
    """Run `work(*arguments)` in `workers` processes, which find each other through a folder.

    When one worker fails, the others are ended. A signal that asks the job to end is passed on to
    the workers, which then have half a minute to end.

    Raises:
        JobError: a worker raised an exception, exited or was killed; or a signal asked the job to
            end; or the machine lacks what workers need. The traceback of an exception that is
            neither a `JobError` nor a `UserError` is printed.
        UserError: a worker raised it, for example for a damaged image file.
    """
    memory.tune_allocator()
    loopback.require()
    rendezvous = Path(tempfile.mkdtemp(dir=private_folder()))
    processes: list[ForkServerProcess] = []
    try:
        with _collected_signals() as asked:
            with forking(work.__module__) as context:
                for rank in range(workers):
                    given = Place(rank, workers, rendezvous), work, arguments
                    process = context.Process(target=_run_worker, args=given)
                    process.start()
                    processes.append(process)
            _wait_for_workers(processes, asked)
        if any(process.exitcode != 0 for process in processes):
            raise _explain(processes, rendezvous, asked)
    finally:
        for process in processes:
            if process.exitcode is None:
                process.kill()
                process.join()
        shutil.rmtree(rendezvous, ignore_errors=True)


def _run_worker(place: Place, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Join the other workers and run `work`, in a worker process."""
    end_with_parent()
    unblock_signals()
    PLACE.set(place)
    try:
        work(*arguments)
    except Exception as error:
        failures.leave_note(place.folder, place.rank, error)
        sys.exit(1)


@contextmanager
def _collected_signals() -> Iterator[list[int]]:
    """Collect signals that ask the job to end in a list, instead of ending."""
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in ending_signals()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for_workers(processes: Sequence[ForkServerProcess], asked: list[int]) -> None:
    """Wait for the workers and pass signals on to them; stop waiting at the deadline."""
    passed, deadline, failed = 0, math.inf, False
    while left := [process for process in processes if process.exitcode is None]:
        now = time.monotonic()
        if not failed and any(process.exitcode for process in processes):
            failed, deadline = True, min(deadline, now + FAILURE_SECONDS)
        if passed < len(asked):
            number, passed, deadline = (
                asked[passed],
                passed + 1,
                min(deadline, now + SIGNAL_SECONDS),
            )
            for process in left:
                with suppress(ProcessLookupError):
                    os.kill(process.pid or 0, number)
        if now > deadline:
            return
        connection.wait([process.sentinel for process in left], timeout=POLL_SECONDS)


def _explain(
    processes: Sequence[ForkServerProcess], rendezvous: Path, asked: list[int]
) -> JobError | UserError:
    """Return the error that explains how the workers ended."""
    ended = {rank: process.exitcode for rank, process in enumerate(processes)}
    statuses = {rank: status for rank, status in ended.items() if status is not None}
    pids = [process.pid or 0 for process in processes]
    return failures.explain(rendezvous, statuses, pids, asked[0] if asked else None)
