"""File locks that end with their holder, and what to do on file systems that have none.

Some clusters' file systems refuse locks, unless they are mounted with them. There jobs run without,
and say so: nobody notices then that two do the same.
"""

import fcntl
import sys
from typing import IO, Any

from loft.core.errors import UserError


class NoLocksError(UserError):
    """The file system has no locks."""


def lock(file: IO[Any], wait: bool = False) -> bool:
    """Lock an open file for as long as it is open. Return False where another process holds it.

    Args:
        file: on the file system in question, open for writing.
        wait: until it is free, instead of returning False.

    Raises:
        NoLocksError: the file system has no locks.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:  # ENOLCK, ENOTSUP, ENOSYS, by file system
        raise NoLocksError(f"{file.name}: cannot be locked: {error.strerror or error}") from None
    return True


def warn(error: NoLocksError, what: str) -> None:
    """Say in one line what goes on without a lock."""
    print(f"{error}; {what}", file=sys.stderr)
