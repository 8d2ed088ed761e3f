"""List the original files that data were made from, with hashes, and find changes in them.

The manifest is written beside the data and stored with them. When the graph is built,
`flag_changes` compares it with the files. Snakemake compares the times of a rule's inputs, so one
flag file stands for all originals: it is very old while they are the same, and new after a change.
Where no original exists, as on a machine that fetched the prepared data, nothing counts as changed.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loft.core.data.originals.folder_tree import Tree, walk
from loft.core.data.originals.hashes import Hashes
from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.processes.progress import say

SHOWN = 3  # changes that are printed for each data set
OLD = 1.0  # seconds since 1970


@dataclass
class Manifest:
    """The files that were read below a folder, by names relative to it.

    Attributes:
        files: hash of each file, None where the file was missing.
        folders: for each folder of images its classes, and for each class the number of its images
            and one hash of all their names and contents.
    """

    files: dict[str, str | None] = field(default_factory=dict)
    folders: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the manifest as readable JSON."""
        text = json.dumps({"files": self.files, "folders": self.folders}, indent=1, sort_keys=True)
        write_bytes(path, f"{text}\n".encode())

    @property
    def empty(self) -> bool:
        """Whether no original file exists."""
        return not self.folders and not any(self.files.values())


@dataclass
class Reading:
    """How the files of a data set are read, and which ones were read.

    Attributes:
        loaders: processes that read image files.
        hashes: hashes of files that were read before.
        read: manifest of the files that were read; functions that read a file add it here.
    """

    loaders: int = 0
    hashes: Hashes = field(default_factory=Hashes)
    read: Manifest = field(default_factory=Manifest)

    def note(self, name: str, tree: Tree) -> None:
        """Add a folder of images, after all its files were read, to the manifest."""
        self.read.folders[name] = self.hashes.classes(tree)


def parse(path: Path) -> Manifest | None:
    """Read a manifest; return None where it is damaged or names files outside its folder."""
    try:
        found = json.loads(path.read_bytes())
        made = Manifest(dict(found["files"]), dict(found["folders"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    names = [*made.files, *made.folders]
    below = all(not Path(name).is_absolute() and ".." not in Path(name).parts for name in names)
    sound = all(isinstance(classes, dict) for classes in made.folders.values())
    return made if below and sound and "\0" not in "".join(names) else None


def read_again(root: Path, like: Manifest, hashes: Hashes) -> Manifest:
    """Return a manifest of the present content of the same files. Raises UserError."""
    now = Manifest({name: hashes.file(root / name) for name in like.files})
    for name in like.folders:
        if (root / name).is_dir():
            now.folders[name] = hashes.classes(walk(root / name))
    return now


def changes(before: Manifest, now: Manifest) -> Iterator[str]:
    """Yield a short text for each difference between two manifests."""
    for name in sorted(before.files):
        if before.files[name] != now.files.get(name):
            yield _difference(name, before.files[name], now.files.get(name))
    for folder in sorted(before.folders):
        if folder not in now.folders:
            yield f"{folder} is gone"
            continue
        old, new = before.folders[folder], now.folders[folder]
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield _difference(f"{folder}/{name}", old.get(name), new.get(name))


def _difference(name: str, before: object, now: object) -> str:
    return f"{name} is {'new' if before is None else 'gone' if now is None else 'another'}"


def flag_changes(made: Path, root: Path, flag: Path, cache: Path) -> str:
    """Update the flag file that stands for the originals of data; return its name.

    Args:
        made: manifest of the data, an output of the rule that makes them.
        root: folder of the originals.
        flag: flag file, an input of that rule.
        cache: folder of the cache of `Hashes`.
    """
    found = list(_stale(made, root, cache))
    if found:
        shown = ", ".join(found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        say(f"{root}: changed since {made} was made: {shown}{more}")
    # The content differs from that at the time when the data were made, and so does its hash.
    write_bytes(flag, str(time.time_ns()).encode() if found else b"")
    if not found:
        os.utime(flag, (OLD, OLD))
    return str(flag)


def _stale(made: Path, root: Path, cache: Path) -> Iterator[str]:
    if not made.exists():  # the data will be made in any case
        return
    before = parse(made)
    if before is None:
        yield f"{made} is damaged"
        return
    try:
        now = read_again(root, before, Hashes(cache))
    except (UserError, OSError) as error:  # then the data could not be made again either
        say(f"{made}: cannot be held against its originals: {error}")
        return
    if not now.empty:
        yield from changes(before, now)
