"""Putting files in their places: all of them or, where one fails, none.

Each is first written whole in a folder beside its place, so that what can fail fails there; then
all are put in by renaming, which a kill leaves half done at most between two files.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from loft.core.files.atomic import writing

FETCHED, BEFORE = ".loft-fetched", ".loft-before"  # .dvcignore names them too


def replace_files(files: Mapping[Path, Path], records: Mapping[Path, Path]) -> None:
    """Put copies in their places, over what is there.

    The records of how files were made go first and come back last: files whose making was
    cut short between two of them then have no record that could belong to others.

    Args:
        files: by its place, where each is copied from.
        records: the same.

    Raises:
        JobError: one cannot be written; everything is as it was before.
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
    """Clear up what a `place` that was killed left below folders.

    A file that it was about to replace is put back. A record is not, as the file that it tells of
    may be another now; without it Snakemake makes the file anew.
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
    """Run what is on the stack, last first, where the body fails.

    Each is put there before what it undoes, as an interrupt may come between any two lines.
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
    """Rename a file as it was, unless it never was renamed."""
    if os.path.lexists(source) and not os.path.lexists(target):
        source.rename(target)


def _make(folder: Path, undo: ExitStack) -> None:
    """Make a folder and those above it that are missing."""
    if not folder.is_dir():
        _make(folder.parent, undo)
        undo.callback(_remove_empty, folder)
        folder.mkdir()


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # never made, or something else is in it
        folder.rmdir()
