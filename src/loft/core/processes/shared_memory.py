"""Check the shared memory of Linux, which holds semaphores and batches of loaded images."""

import multiprocessing
from pathlib import Path

FOLDER = Path("/dev/shm")


def fault() -> str | None:
    """Return why no semaphore can be made in shared memory, or None where one can."""
    try:
        multiprocessing.get_context("fork").Lock()
    except OSError as error:
        return error.strerror or str(error)
    return None
