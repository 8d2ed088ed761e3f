"""Open regular files; refuse a pipe, a socket or a device.

Each file comes with its stamp. A file with the same stamp later has not changed and need not be
read again.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loft.core.errors import UserError

MOST_BYTES = 2**30  # largest size of an image file
KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}

Stamp = tuple[
    int, int, int
]  # size in bytes, and times of the last change of content and of metadata in ns


def stamp(found: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def odd(found: os.stat_result) -> str | None:
    """Return what a path is instead of a regular file, or None where it is one."""
    kind = stat.S_IFMT(found.st_mode)
    return None if kind == stat.S_IFREG else KINDS.get(kind, "no regular file")


@contextmanager
def opened(path: Path) -> Iterator[tuple[io.BufferedReader, Stamp]]:
    """Open a file for reading.

    Raises:
        UserError: it is missing, not a regular file, or cannot be read.
    """
    try:
        if what := odd(path.stat()):
            raise UserError(f"{path}: found {what}; expected a file")
        # Do not wait if a pipe has replaced the file since the check.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if what := odd(found):
                raise UserError(f"{path}: found {what}; expected a file")
            yield file, stamp(found)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None


def read(path: Path) -> tuple[bytes, Stamp]:
    """Return the content and the stamp of an image file.

    Raises:
        UserError: as `opened` does, or the file is larger than `MOST_BYTES`.
    """
    with opened(path) as (file, found):
        if found[0] > MOST_BYTES:
            raise UserError(f"{path}: found {found[0]:,} bytes; expected at most {MOST_BYTES:,}")
        return file.read(found[0]), found
