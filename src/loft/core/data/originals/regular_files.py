"""Regular files, opened; a pipe, a socket or a device in a file's place is refused.

What is read of a file carries its stamp, by which one sees later whether the file is still the same
without reading it again.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loft.core.errors import UserError

MOST_BYTES = 2**30  # of an image's file
KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}

Stamp = tuple[int, int, int]  # size in bytes, and when content and anything changed, in ns


def stamp(found: os.stat_result) -> Stamp:
    """Return a file's stamp."""
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def odd(found: os.stat_result) -> str | None:
    """Return what stands in a regular file's place, or None."""
    kind = stat.S_IFMT(found.st_mode)
    return None if kind == stat.S_IFREG else KINDS.get(kind, "no regular file")


@contextmanager
def opened(path: Path) -> Iterator[tuple[io.BufferedReader, Stamp]]:
    """Open a file to be read; say in one line what the system has against it.

    Raises:
        UserError: it is missing, no regular file, or cannot be read.
    """
    try:
        if what := odd(path.stat()):
            raise UserError(f"{path}: found {what}; expected a file")
        # Without waiting, should a pipe take the file's place this very moment.
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
    """Return an image file's content and its stamp.

    Raises:
        UserError: as by `opened`, or it is larger than any image.
    """
    with opened(path) as (file, found):
        if found[0] > MOST_BYTES:
            raise UserError(f"{path}: found {found[0]:,} bytes; expected at most {MOST_BYTES:,}")
        return file.read(found[0]), found
