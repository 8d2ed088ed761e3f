"""Hashes of files, remembered with the files' stamps, so that only what changed is read again.

What is remembered lies in a folder that nothing else needs: lost or damaged, it is made anew. A
file that changed within the last moments is not remembered, as a change that follows at once could
leave its stamp as it is.
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

SETTLED = 2 * 10**9  # ns: the coarsest times that file systems keep
EVERY = 10.0  # seconds between two lines of progress


class Known(NamedTuple):
    """What is known of a file's content.

    Attributes:
        stamp: of the file that was read.
        sha256: in hexadecimal.
        seen: by what the image was found to be whole; "" where nobody tried.
    """

    stamp: Stamp
    sha256: str
    seen: str = ""


class Progress:
    """Lines that say how far a long look at many files is: none where it takes seconds."""

    def __init__(self, doing: str, total: int) -> None:
        self._doing, self._total, self._done = doing, total, 0
        self._started = self._last = time.monotonic()

    def add(self, count: int) -> None:
        """Say now and then that `count` more are done."""
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
        cache: folder that remembers; with None all is forgotten when the process ends.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._here: dict[Path, dict[str, Known]] = {}  # folders that cannot be remembered elsewhere

    def file(self, path: Path) -> str | None:
        """Return a file's hash, or None where there is none. Raises UserError."""
        try:
            found = Entry(path.name, stamp(path.stat()))
        except OSError:
            return None
        return self.of(path.parent, [found])[0].sha256

    def of(self, folder: Path, entries: list[Entry]) -> list[Known]:
        """Return what is known of a folder's files, after reading those that changed.

        Raises:
            UserError: one is missing, no regular file or cannot be read.
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
        """Return for each class of a tree the number of its images and the hash of them all.

        Raises:
            UserError: an image is no regular file or cannot be read.
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
        """Return what was known of a folder's files, which may have changed since."""
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
        """Remember what was found out about some of a folder's files."""
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
        """Write a file of the cache, in place of the one before; where that fails, do without."""
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
    """Return what changes when the name or stamp of any of a folder's images does."""
    return _text_hash(f"{entry.name}/{entry.stamp}" for entry in directory.entries)


def _together(directory: Directory, known: list[Known]) -> str:
    """Return the hash of all of a folder's images, names and content."""
    pairs = zip(directory.entries, known, strict=True)
    return _text_hash(f"{one.sha256} {entry.name}" for entry, one in pairs)


def _text_hash(lines: Iterable[str]) -> str:
    return hashlib.sha256(os.fsencode("\0".join(lines))).hexdigest()
