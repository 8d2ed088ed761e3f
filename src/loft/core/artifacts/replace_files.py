"""Replace many files together: all of them or, where one fails, none.

Each file is first written to a folder beside its place, so that errors happen there. Then all are
renamed into place; a kill can only interrupt this between two files.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from loft.core.files.atomic import writing

FETCHED, BEFORE = ".loft-fetched", ".loft-before"  # .dvcignore names them too


def replace_files(files: Mapping[Path, Path], records: Mapping[Path, Path]) -> None:
    """Copy files to their places and replace those that are there.

    The records of how files were made are removed first and written last. If a kill interrupts
    this, no file has a record of another version of itself.

    Args:
        files: source of each file by its place.
        records: source of each record by its place.

    Raises:
        JobError: a file cannot be written; everything is as it was before.
    """
    with _undone_on_failure() as undo:
        for path, source in [*files.items(), *records.items()]:
            with writing(path):
                _write_beside(path, source, undo)
        for path in records:
            _set_aside(path, undo)
        for path in files:
            _set_aside(path, undo)
            _put(path, undo)
        for path in records:
            _put(path, undo)
    for folder in {path.parent for path in [*files, *records]}:
        shutil.rmtree(folder / FETCHED, ignore_errors=True)
        shutil.rmtree(folder / BEFORE, ignore_errors=True)


def recover(outputs: Iterable[Path], records: Path) -> None:
    """Clean up after a `replace_files` that was killed.

    Files that it was about to replace are put back. Records are not, because their files may have
    been replaced already; Snakemake makes files without a record again.
    """
    for folder in [*_left([*outputs, records])]:
        if folder.name == BEFORE and not folder.is_relative_to(records):
            for file in folder.iterdir():
                if not os.path.lexists(folder.parent / file.name):
                    file.rename(folder.parent / file.name)
        shutil.rmtree(folder)


def _left(roots: Iterable[Path]) -> Iterator[Path]:
    for root in {*roots}:
        for parent, folders, _ in os.walk(root, followlinks=True):
            for name in {FETCHED, BEFORE} & {*folders}:
                folders.remove(name)
                yield Path(parent) / name


@contextmanager
def _undone_on_failure() -> Iterator[ExitStack]:
    """Run the callbacks on the stack in reverse order where the body fails.

    The body adds each callback before the change that it undoes, because an interrupt may come
    between any two lines.
    """
    with ExitStack() as undo:
        yield undo
        undo.pop_all()


def _write_beside(path: Path, source: Path, undo: ExitStack) -> None:
    fetched = _beside(path, FETCHED)
    _make(fetched.parent, undo)
    undo.callback(fetched.unlink, missing_ok=True)
    shutil.copyfile(source, fetched)
    with fetched.open("rb") as file:
        os.fsync(file.fileno())


def _set_aside(path: Path, undo: ExitStack) -> None:
    if os.path.lexists(path):
        before = _beside(path, BEFORE)
        _make(before.parent, undo)
        undo.callback(_move_back, before, path)
        path.rename(before)


def _put(path: Path, undo: ExitStack) -> None:
    fetched = _beside(path, FETCHED)
    undo.callback(_move_back, path, fetched)
    fetched.rename(path)


def _beside(path: Path, folder: str) -> Path:
    return path.parent / folder / path.name


def _move_back(source: Path, target: Path) -> None:
    """Undo the renaming of a file, if it was renamed."""
    if os.path.lexists(source) and not os.path.lexists(target):
        source.rename(target)


def _make(folder: Path, undo: ExitStack) -> None:
    """Make a folder and its missing parents."""
    if not folder.is_dir():
        _make(folder.parent, undo)
        undo.callback(_remove_empty, folder)
        folder.mkdir()


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it was never made, or is not empty
        folder.rmdir()
