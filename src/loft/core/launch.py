"""Starting a job's worker processes through torchrun's launcher, on this machine alone."""

import importlib
import sys
import uuid
from collections.abc import Callable
from typing import Any

import torch
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from loft.core.errors import JobError


def launch(work: Callable[..., None], arguments: tuple[Any, ...], workers: int) -> None:
    """Run `work(*arguments)` in each of `workers` processes, as `torchrun --standalone` does.

    The rendezvous picks a free port by itself. When one worker fails the others are ended.
    Without GPUs workers are forked, so that torch is imported once; a forked process cannot use
    CUDA, so with GPUs each starts afresh.

    Raises:
        JobError: a worker raised, exited or was killed.
    """
    forks = sys.platform == "linux" and torch.cuda.device_count() == 0
    if forks:  # torch's optimisers import this on first use; once here is enough for all workers
        importlib.import_module("torch._dynamo")
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=workers,
        run_id=str(uuid.uuid4()),
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        start_method="fork" if forks else "spawn",
    )
    try:
        elastic_launch(config, work)(*arguments)
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        how = f"ended by {failure.signal_name()}" if failure.exitcode < 0 else "failed"
        raise JobError(f"worker {rank} of {workers} (process {failure.pid}) {how}") from None
