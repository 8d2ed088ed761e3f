"""Write files atomically: write under a temporary name, sync to disk, then rename.

The temporary name of `name` is `.name.PID`. A file that a killed process left under such a name is
never used as a result, and is removed when the file is written again.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loft.core.errors import JobError, UserError
from loft.core.processes.parent import find_process

TEMPORARY = re.compile(r"\..+\.(\d+)")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the system while a file or folder is written into one line.

    Raises:
        JobError: the disk is full or read-only, or writing is not permitted.
    """
    try:
        yield
    except OSError as error:
        raise JobError(f"{path}: cannot be written: {error.strerror or error}") from None


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically; make its folder where needed. Raises JobError."""
    write_parts(path, [content])


def write_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file as `write_bytes` does, from parts that are made one at a time."""
    with writing(path):
        temporary = temporary_name(path)
        try:
            with temporary.open("wb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def temporary_name(path: Path) -> Path:
    """Return the temporary name of a file for this process; make the file's folder.

    Files that dead processes left under temporary names of the same file are removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for other in path.parent.iterdir():
        found = TEMPORARY.fullmatch(other.name)
        if (
            found
            and other.name == f".{path.name}.{found[1]}"
            and find_process(int(found[1])) is None
        ):
            if other.is_dir():
                shutil.rmtree(other, ignore_errors=True)
            else:
                other.unlink(missing_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}")


def copy_files(source: Path, folder: Path) -> None:
    """Copy every file below `source` to the same place below `folder`, each as `write_bytes`.

    Files under temporary names are not copied.
    """
    for path in sorted(source.rglob("*")):
        if path.is_file() and not TEMPORARY.fullmatch(path.name):
            write_bytes(folder / path.relative_to(source), path.read_bytes())


def read_bytes(path: Path) -> bytes:
    """Read a whole file. Raises UserError where it is missing, not a regular file or unreadable."""
    expect_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None


def expect_file(path: Path) -> None:
    """Raise UserError where a path is not a regular file: reading from a pipe would not end."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read: {why}") from None
    if not stat.S_ISREG(kind):
        found = "Is a directory" if stat.S_ISDIR(kind) else "not a regular file"
        raise UserError(f"{path}: cannot be read: {found}")
