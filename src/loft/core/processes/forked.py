"""Run independent calls in processes that are forked from this one.

A forked process has everything that this one has imported and read, so it starts in milliseconds.
"""

import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, ForkProcess

from loft.core.errors import JobError, UserError
from loft.core.processes.fork_server import end_with_parent

OURS = {kind.__name__: kind for kind in (UserError, JobError)}


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def run_all(calls: Sequence[Callable[[], None]], at_once: int) -> None:
    """Run all calls, `at_once` at a time; in this process where `at_once` is 1.

    When one fails, the others are ended.

    Raises:
        UserError, JobError: as a call did; a JobError too where a call raised anything else, whose
            traceback is printed, or a process was killed.
    """
    if at_once == 1 or len(calls) == 1:
        for call in calls:
            call()
        return
    context = multiprocessing.get_context("fork")
    running: dict[ForkProcess, Connection] = {}
    ahead = [*calls]
    try:
        while ahead or running:
            while ahead and len(running) < at_once:
                _start(context, ahead.pop(0), running)
            connection.wait([process.sentinel for process in running])
            for process in [process for process in running if process.exitcode is not None]:
                _see_off(process, running.pop(process))
    finally:
        for process, pipe in running.items():
            process.kill()
            process.join()
            pipe.close()


def _start(
    context: ForkContext, call: Callable[[], None], running: dict[ForkProcess, Connection]
) -> None:
    """Start a process. Raises JobError where the machine has no room for another."""
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_be_forked, args=(call, sender))
    try:
        with warnings.catch_warnings():
            # Python 3.12 warns of threads; the only one here watches for the end of Snakemake.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    except OSError as error:
        receiver.close()
        raise JobError(f"processes cannot be started: {error.strerror or error}") from None
    finally:
        sender.close()
    running[process] = receiver


def _be_forked(call: Callable[[], None], sender: Connection) -> None:
    """Run a call in the forked process."""
    end_with_parent()
    try:
        call()
    except (UserError, JobError) as error:
        sender.send((type(error).__name__, str(error)))
        sys.exit(1)


def _see_off(process: ForkProcess, pipe: Connection) -> None:
    """Raise the error of a process that has failed."""
    process.join()
    try:
        if pipe.poll():
            kind, text = pipe.recv()
            raise OURS[kind](text)
    except EOFError:
        pass
    finally:
        pipe.close()
    status = process.exitcode
    if status:
        ended = f"signal {-status}" if status < 0 else f"status {status}"
        raise JobError(f"process {process.pid} ended by {ended}")
