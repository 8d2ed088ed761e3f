"""Lock files for as long as a process holds them open; name file systems that have no locks.

Some file systems of clusters refuse locks unless they are mounted with them. Jobs run there without
locks and print one line, because a job that runs twice is not noticed.
"""

import fcntl
from typing import IO, Any

from loft.core.errors import UserError
from loft.core.processes.progress import say


class NoLocksError(UserError):
    """The file system has no locks."""


def lock(file: IO[Any], wait: bool = False) -> bool:
    """Lock an open file until it is closed. Return False where another process holds the lock.

    Args:
        file: open for writing.
        wait: wait until the lock is free instead of returning False.

    Raises:
        NoLocksError: the file system has no locks.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:  # ENOLCK, ENOTSUP or ENOSYS, depending on the file system
        raise NoLocksError(f"{file.name}: cannot be locked: {error.strerror or error}") from error
    return True


def warn(error: NoLocksError, consequence: str) -> None:
    """Print one line: the file that cannot be locked, and what follows from it."""
    say(f"{error}; {consequence}")
