"""Compute hashes of files and cache them by the files' stamps, so that only changes are read.

The cache is a folder that nothing else needs: if it is lost or damaged, it is made again. A file
that changed a moment ago is not cached, because a second change right after it could leave the
stamp the same.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from loft.core.data.originals.folder_tree import THREADS, Directory, Entry, Tree
from loft.core.data.originals.regular_files import Stamp, opened, stamp
from loft.core.processes.progress import say

SETTLED = 2 * 10**9  # ns; the coarsest resolution of file times
EVERY = 10.0  # seconds between two lines of progress


class Known(NamedTuple):
    """What is known about the content of a file.

    Attributes:
        stamp: stamp of the file when it was read.
        sha256: hash in hexadecimal.
        seen: describes the check that the image passed, or "" without a check.
    """

    stamp: Stamp
    sha256: str
    seen: str = ""


class Progress:
    """Prints the progress of a long check of many files; prints nothing in a short one."""

    def __init__(self, doing: str, total: int) -> None:
        self._doing, self._total, self._done = doing, total, 0
        self._started = self._last = time.monotonic()

    def add(self, count: int) -> None:
        """Add `count` finished files; print a line every `EVERY` seconds."""
        self._done += count
        now = time.monotonic()
        if now - self._last < EVERY:
            return
        self._last = now
        left = (now - self._started) / self._done * (self._total - self._done)
        minutes, seconds = divmod(round(left), 60)
        line = f"{self._doing}: {self._done:,} of {self._total:,}, {minutes}:{seconds:02d} left"
        say(line)


class Hashes:
    """Hashes of files.

    Args:
        cache: folder of the cache; None keeps hashes in memory only.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._here: dict[
            Path, dict[str, Known]
        ] = {}  # hashes that must not be cached on disk, by folder

    def file(self, path: Path) -> str | None:
        """Return the hash of a file, or None where there is no file. Raises UserError."""
        try:
            found = Entry(path.name, stamp(path.stat()))
        except OSError:
            return None
        return self.of(path.parent, [found])[0].sha256

    def of(self, folder: Path, entries: list[Entry]) -> list[Known]:
        """Return what is known of files in a folder, after reading those that changed.

        Raises:
            UserError: a file is missing, not a regular file or cannot be read.
        """
        known = self.known(folder)
        missing = [entry for entry in entries if not _same(known.get(entry.name), entry)]
        if missing:
            with ThreadPoolExecutor(THREADS) as pool:
                fresh = list(pool.map(_hash, [folder / entry.name for entry in missing]))
            found = {entry.name: one for entry, one in zip(missing, fresh, strict=True)}
            self.keep(folder, found)
            known = {**known, **found}
        return [known[entry.name] for entry in entries]

    def classes(self, tree: Tree) -> dict[str, dict[str, Any]]:
        """Return for each class the number of its images and one hash of all of them.

        Raises:
            UserError: an image is not a regular file or cannot be read.
        """
        before = self._summary(tree.folder)
        prints = {directory.name: _fingerprint(directory) for directory in tree.directories}
        changed = [d for d in tree.directories if before.get(d.name, ("",))[0] != prints[d.name]]
        after = {name: one for name, one in before.items() if one[0] == prints.get(name)}
        progress = Progress(f"{tree.folder}: files looked at", sum(len(d.entries) for d in changed))
        for directory in changed:
            known = self.of(tree.folder / directory.name, directory.entries)
            after[directory.name] = (prints[directory.name], _together(directory, known))
            progress.add(len(directory.entries))
        if changed or len(after) < len(before):
            settled = {name: one for name, one in after.items() if self._settled(tree, name)}
            self._write(self._place(tree.folder, "all"), {n: [*one] for n, one in settled.items()})
        found: dict[str, Any] = {name: {"images": 0, "parts": []} for name in tree.classes}
        for directory in tree.directories:
            of = found[directory.name.partition("/")[0]]
            of["images"] += len(directory.entries)
            of["parts"].append(f"{after[directory.name][1]} {directory.name}")
        return {
            name: {"images": one["images"], "sha256": _text_hash(one["parts"])}
            for name, one in found.items()
        }

    def known(self, folder: Path) -> dict[str, Known]:
        """Return what was known of a folder's files; they may have changed since."""
        kept = self._read(self._place(folder, "files"))
        try:
            known = {
                name: Known((size, changed, touched), sha256, seen)
                for name, (size, changed, touched, sha256, seen) in kept.items()
            }
        except (TypeError, ValueError):
            known = {}
        return {**known, **self._here.get(folder, {})}

    def keep(self, folder: Path, found: Mapping[str, Known]) -> None:
        """Store what was found out about some of a folder's files."""
        now = time.time_ns()
        settled = {n: one for n, one in found.items() if max(one.stamp[1:]) < now - SETTLED}
        if self._cache is None:
            settled = {}
        fresh = {name: one for name, one in found.items() if name not in settled}
        if fresh:
            self._here.setdefault(folder, {}).update(fresh)
        if settled:
            known = {**self.known(folder), **settled}
            for name in self._here.get(folder, ()):
                known.pop(name, None)
            content = {n: [*one.stamp, one.sha256, one.seen] for n, one in known.items()}
            self._write(self._place(folder, "files"), content)

    def _settled(self, tree: Tree, name: str) -> bool:
        return not self._here.get(tree.folder / name)

    def _summary(self, folder: Path) -> dict[str, tuple[str, str]]:
        kept = self._read(self._place(folder, "all"))
        try:
            return {name: (print_, sha256) for name, (print_, sha256) in kept.items()}
        except (TypeError, ValueError):
            return {}

    def _place(self, folder: Path, what: str) -> Path | None:
        if self._cache is None:
            return None
        name = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()
        return self._cache / f"{name[:24]}.{what}.json"

    def _read(self, path: Path | None) -> dict[str, Any]:
        try:
            found = json.loads(path.read_bytes()) if path is not None else {}
        except (OSError, ValueError, RecursionError):
            found = {}
        return found if isinstance(found, dict) else {}

    def _write(self, path: Path | None, content: Mapping[str, Any]) -> None:
        """Write a file of the cache; ignore errors, because the cache is not needed."""
        if path is None:
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(content), encoding="utf-8")
            temporary.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _same(known: Known | None, entry: Entry) -> bool:
    return known is not None and known.stamp == entry.stamp


def _hash(path: Path) -> Known:
    with opened(path) as (file, found):
        return Known(found, hashlib.file_digest(file, "sha256").hexdigest())


def _fingerprint(directory: Directory) -> str:
    """Return a hash of the names and stamps of a folder's images."""
    return _text_hash(f"{entry.name}/{entry.stamp}" for entry in directory.entries)


def _together(directory: Directory, known: list[Known]) -> str:
    """Return a hash of the names and contents of a folder's images."""
    pairs = zip(directory.entries, known, strict=True)
    return _text_hash(f"{one.sha256} {entry.name}" for entry, one in pairs)


def _text_hash(lines: Iterable[str]) -> str:
    return hashlib.sha256(os.fsencode("\0".join(lines))).hexdigest()
