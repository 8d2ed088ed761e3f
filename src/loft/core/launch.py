"""Starting a job's worker processes through torchrun's launcher, on this machine alone."""

import logging
import multiprocessing
import os
import sys
import uuid
from collections.abc import Callable
from multiprocessing import resource_tracker
from typing import Any

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import (
    ChildFailedError,
    ProcessFailure,
    record,
)
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from loft.core import allocator
from loft.core.errors import JobError, UserError


def launch(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
    """Run `work(*arguments)` in each of `workers` processes, as `torchrun --standalone` does.

    The rendezvous picks a free port by itself. When one worker fails the others are ended.
    Workers are forks of a server process that has imported their code and started no threads:
    torch is imported once for all of them, and none is born with another thread's lock held, as a
    fork of this process, where torchrun's threads run, now and then would be.

    Raises:
        JobError: a worker raised, exited or was killed. What one worker says in a `JobError` is
            said here; of any other exception but a `UserError` the traceback is printed.
        UserError: a worker raised it, such as for a damaged image file.

    A signal that asks to end is passed on to the workers, who have half a minute to leave.
    """
    multiprocessing.set_forkserver_preload([work.__module__])
    allocator.announce()
    _start_tracker()
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=workers,
        run_id=str(uuid.uuid4()),
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        start_method="forkserver",
    )
    for torchs in ("torch.distributed.elastic.multiprocessing.api", "torch.multiprocessing.spawn"):
        logging.getLogger(torchs).setLevel(logging.CRITICAL)  # they would talk above our line
    try:
        elastic_launch(config, _recorded)(work, arguments)
    except ChildFailedError as error:
        raise _explain(*error.get_first_failure(), workers) from None
    except SignalException as error:  # it has passed the signal on and waited for the workers
        raise JobError(f"stopped by {error.sigval.name}; start again to go on") from None


def _start_tracker() -> None:
    """Start Python's tracker of semaphores without its warnings.

    It cleans up after a worker that was ended while processes loaded images for it, and would talk
    below our line.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore"
    resource_tracker.ensure_running()
    if before is None:
        del os.environ["PYTHONWARNINGS"]
    else:
        os.environ["PYTHONWARNINGS"] = before


@record
def _recorded(work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Run a worker; what it raises reaches torchrun as text."""
    work(*arguments)


def _explain(rank: int, failure: ProcessFailure, workers: int) -> JobError | UserError:
    """Say in one line what became of the worker that failed first."""
    who = f"worker {rank} of {workers} (process {failure.pid})"
    if failure.exitcode < 0:
        return JobError(f"{who} ended by {failure.signal_name()}")
    said: Any = failure.message
    if not isinstance(said, dict):  # it left without an exception
        return JobError(f"{who} ended with status {failure.exitcode}")
    kind, _, text = str(said["message"]).partition(": ")
    for ours in (JobError, UserError):
        if kind == ours.__name__:
            return ours(text)
    print(said["extraInfo"]["py_callstack"], file=sys.stderr)
    return JobError(f"{who} failed: {kind}: {text}")
