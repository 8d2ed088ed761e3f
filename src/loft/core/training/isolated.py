"""Run a check of torch's kernels in a fork of this process, which may crash or hang.

A kernel that writes outside its memory does no harm in the fork, and how the fork ends is a result
too. A fork that lacks memory or threads says nothing about kernels: that is an error of the job.
"""

import faulthandler
import os
import signal
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import torch

from loft.core.errors import JobError
from loft.core.processes.memory import explain_out_of_memory

RIGHT, FAULT, FAILED = 0, 10, 11  # exit statuses; C libraries exit with 1
LOWER = "the width of the network"
Check = Callable[[Callable[[str], None]], None]


class Limits(NamedTuple):
    """What a check takes.

    Attributes:
        threads: number of torch's threads.
        seconds: after which the check is ended.
        room: bytes that it takes at most.
    """

    threads: int
    seconds: int
    room: int


def run_isolated(check: Check, who: str, limits: Limits) -> str | None:
    """Run a check in a fork; return what is wrong or how the fork ended, or None.

    Where memory runs out, kernels do not only raise errors: they crash, and oneDNN says "could not
    create a primitive". A fault counts only if this process can get as much memory as the check.

    Args:
        check: is given a function that it calls with the name of each part before it begins it.
            It raises an exception where a part is wrong.
        who: name of the check.
        limits: what it takes.

    Raises:
        JobError: there is too little memory, or the fork failed before the first part.
    """
    with explain_out_of_memory(who, LOWER):
        fault = _fork(check, who, limits)
        if fault is not None:
            torch.empty(limits.room, dtype=torch.uint8)
    return fault


def _fork(check: Check, who: str, limits: Limits) -> str | None:
    """Run the check in a fork; return what it says or how it ended, or None. Raises JobError."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of threads of this process, which the fork does not use.
        warnings.simplefilter("ignore", DeprecationWarning)
        fork = os.fork()
    if not fork:
        _be_forked(check, who, limits, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as said:
        *_, last = "", *said.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
    if status == RIGHT:
        return None
    if status == FAULT:
        return last
    if status == FAILED:
        raise JobError(last)
    if status > 0:  # OpenMP exits where it cannot start a thread
        raise JobError(f"{who}: its process ended with status {status}")
    if status == -signal.SIGKILL:
        raise JobError(f"{who}: ended by SIGKILL, as where the machine runs out of memory")
    if not last:
        raise JobError(f"{who}: its process did not start; is there too little memory?")
    slow = -status == signal.SIGALRM
    return f"{last} does not end" if slow else f"{last} ends with {signal.Signals(-status).name}"


def _be_forked(check: Check, who: str, limits: Limits, writer: int) -> None:
    """Run the check in the fork and end it; write each part's name, then what is wrong."""
    status, begun = FAILED, False

    def write(text: str) -> None:
        os.write(writer, f"{' '.join(text.split())}\n".encode())

    def begin(part: str) -> None:
        nonlocal begun
        begun = True
        write(part)

    try:
        faulthandler.disable()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(limits.seconds)
        os.closerange(3, writer)  # and so their locks: the parent may end and start again
        os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries print when they crash
        torch.set_num_threads(limits.threads)
        # OpenMP still expects the parent's threads in this one.
        with explain_out_of_memory(who, LOWER), ThreadPoolExecutor(1) as fresh:
            fresh.submit(check, begin).result()
        status = RIGHT
    except JobError as error:
        write(str(error))
    except Exception as error:  # any exception is a fault of the present part
        status = FAULT if begun else FAILED
        write(str(error) if begun else f"{who}: {error}")
    finally:
        os._exit(status)
