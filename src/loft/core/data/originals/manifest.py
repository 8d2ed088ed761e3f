"""What data were made from: a list of the files and folders that were read, with their hashes.

It is written beside the data and stored with them. When the graph is built, `watch` holds it
against what is there now. Snakemake goes by the times of a rule's inputs: so a file that says
nothing stands for all the originals, as old as can be while they are the same, new when they are
not. Where no original is there at all, as on a machine that fetched what was made, nothing changed.
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

SHOWN = 3  # changes, of each data set
OLD = 1.0  # seconds since 1970


@dataclass
class Manifest:
    """What was read below a folder, by names relative to it.

    Attributes:
        files: the hash of each, None where it was looked for in vain.
        folders: of each folder of images its classes, of each of these the number of its images
            and the hash of them all, names and content.
    """

    files: dict[str, str | None] = field(default_factory=dict)
    folders: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it as JSON that a person can read."""
        text = json.dumps({"files": self.files, "folders": self.folders}, indent=1, sort_keys=True)
        write_bytes(path, f"{text}\n".encode())

    @property
    def empty(self) -> bool:
        """Whether nothing was there to be read."""
        return not self.folders and not any(self.files.values())


@dataclass
class Reading:
    """How a data set's files are read, and what was read of them.

    Attributes:
        loaders: processes that read image files.
        hashes: of files that were read before.
        read: what this data set is made from; whoever reads a file notes it here.
    """

    loaders: int = 0
    hashes: Hashes = field(default_factory=Hashes)
    read: Manifest = field(default_factory=Manifest)

    def note(self, name: str, tree: Tree) -> None:
        """Note a folder of images whose files were all read."""
        self.read.folders[name] = self.hashes.classes(tree)


def parse(path: Path) -> Manifest | None:
    """Read what `Manifest.write` wrote; None where it is damaged, or names what lies elsewhere."""
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
    """Return what the files and folders that a manifest names hold now. Raises UserError."""
    now = Manifest({name: hashes.file(root / name) for name in like.files})
    for name in like.folders:
        if (root / name).is_dir():
            now.folders[name] = hashes.classes(walk(root / name))
    return now


def changes(before: Manifest, now: Manifest) -> Iterator[str]:
    """Yield what differs, each in some words."""
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
    """Bring the file that stands for data's originals up to date; return its name.

    Args:
        made: the manifest of the data, an output of the rule that makes them.
        root: the folder of the originals.
        flag: the file that stands for them, an input of that rule.
        cache: folder of `Hashes`.
    """
    found = list(_stale(made, root, cache))
    if found:
        shown = ", ".join(found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        say(f"{root}: changed since {made} was made: {shown}{more}")
    # What it holds is never what it held when the data were made, so that its hash differs too.
    write_bytes(flag, str(time.time_ns()).encode() if found else b"")
    if not found:
        os.utime(flag, (OLD, OLD))
    return str(flag)


def _stale(made: Path, root: Path, cache: Path) -> Iterator[str]:
    if not made.exists():  # the data are made anyway
        return
    before = parse(made)
    if before is None:
        yield f"{made} is damaged"
        return
    try:
        now = read_again(root, before, Hashes(cache))
    except (UserError, OSError) as error:  # then they could not be made anew either
        say(f"{made}: cannot be held against its originals: {error}")
        return
    if not now.empty:
        yield from changes(before, now)
