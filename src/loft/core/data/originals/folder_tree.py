"""Walk class folders: list their images, and what is left out with the reason.

Classes are the subfolders, sorted by name. A class's images may be in nested folders, and links to
folders are followed. Names that begin with a dot are left out, because macOS and notebooks create
such files and folders.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from loft.core.data.originals.regular_files import Stamp, odd, stamp
from loft.core.errors import UserError

ENDINGS = (
    ".jpg",
    ".jpeg",
    ".png",
    ".ppm",
    ".bmp",
    ".pgm",
    ".tif",
    ".tiff",
    ".webp",
)  # torchvision's
HIDDEN = "its name begins with a dot"
OTHER = f"its name does not end in {', '.join(ENDINGS)}"
OUTSIDE = "it is in no class's folder"
THREADS = 16  # file system calls at the same time


class Entry(NamedTuple):
    """A file in a folder."""

    name: str
    stamp: Stamp


class Left(NamedTuple):
    """A file or folder that is not used: its name relative to the tree's folder, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Directory:
    """A folder with images in it.

    Attributes:
        name: relative to the tree's folder; its first part is the class.
        entries: its images, sorted by name.
    """

    name: str
    entries: list[Entry]


@dataclass(frozen=True)
class Tree:
    """The content of a folder of class folders.

    Attributes:
        folder: its subfolders are the classes.
        classes: their names, sorted.
        directories: folders with images, in order of classes, then sorted by name.
        ignored: files and folders that are left out.
        odd: entries with an image's name that are not regular files; `why` says what they are.
    """

    folder: Path
    classes: list[str]
    directories: list[Directory]
    ignored: list[Left]
    odd: list[Left]

    @property
    def images(self) -> int:
        return sum(len(directory.entries) for directory in self.directories)


def walk(folder: Path) -> Tree:
    """List everything below a folder.

    Raises:
        UserError: a folder is missing or cannot be read; names it.
    """
    classes, ignored, around = [], [], _scan(folder)
    for entry in around:
        if entry.name.startswith("."):
            ignored.append(Left(entry.name, HIDDEN))
        elif _is_folder(entry):
            classes.append(entry.name)
        else:
            image = entry.name.lower().endswith(ENDINGS)
            ignored.append(Left(entry.name, OUTSIDE if image else OTHER))
    classes.sort()
    tree = Tree(folder, classes, [], ignored, [])
    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(lambda name: _below(folder, name), classes):
            tree.directories.extend(found.directories)
            ignored.extend(found.ignored)
            tree.odd.extend(found.odd)
    return tree


def _below(root: Path, name: str) -> Tree:
    """List everything in a class's folder and its subfolders."""
    tree = Tree(root, [], [], [], [])
    ahead: list[tuple[str, tuple[tuple[int, int], ...]]] = [(name, ())]
    while ahead:
        where, above = ahead.pop()
        place = _place(root / where)
        if place in above:
            tree.ignored.append(Left(where, "it is a link to a folder above it"))
            continue
        images = []
        for entry in _scan(root / where):
            path = f"{where}/{entry.name}"
            if entry.name.startswith("."):
                tree.ignored.append(Left(path, HIDDEN))
            elif _is_folder(entry):
                ahead.append((path, (*above, place)))
            elif not entry.name.lower().endswith(ENDINGS):
                tree.ignored.append(Left(path, OTHER))
            elif what := _no_file(entry):
                tree.odd.append(Left(path, what))
            else:
                images.append(Entry(entry.name, stamp(entry.stat())))
        if images:
            tree.directories.append(Directory(where, sorted(images)))
    tree.directories.sort(key=lambda directory: directory.name)
    return tree


def _place(folder: Path) -> tuple[int, int]:
    """Return the identity of a folder (device, inode), the same for every path to it."""
    try:
        found = folder.stat()
    except OSError as error:
        raise UserError(f"{folder}: cannot be read as a folder: {error.strerror}") from None
    return (found.st_dev, found.st_ino)


def _no_file(entry: os.DirEntry[str]) -> str | None:
    """Return what an entry is instead of a regular file, or None where it is one."""
    try:
        return odd(entry.stat())
    except OSError:
        return "a link to nothing"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        raise UserError(f"{folder}: no such folder") from None
    except (OSError, ValueError) as error:  # such as a NUL in the name
        text = getattr(error, "strerror", None) or error
        raise UserError(f"{folder}: cannot be read as a folder: {text}") from None
