"""Starting a job's worker processes, without importing torch into the process that only starts."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def launch(module: str, arguments: Sequence[str], workers: int) -> NoReturn:
    """Replace this process by torchrun, which runs `python -m module arguments` in each worker.

    torchrun picks a free port by itself, ends all workers when one fails, and then exits non-zero.
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={workers}", "-m", module, *arguments]
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # torchrun warns otherwise; jobs set their own
    sys.stderr.flush()
    os.execv(sys.executable, command)
