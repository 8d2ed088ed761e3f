"""Check every image of a data set before training and report all faults together."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import PIL

from loft.core.data.decoding import DIGEST, MOST_PIXELS
from loft.core.data.originals.folder_tree import Entry, Tree
from loft.core.data.originals.hashes import Known, Progress
from loft.core.data.originals.manifest import Reading
from loft.core.data.parallel_loading import CheckedImage, ImageCheck, in_batches, load
from loft.core.data.sources.settings import FolderSettings
from loft.core.errors import UserError

BATCH = 32  # images that a process checks before it reports
SHOWN = 10  # faults that an error names


class Waiting(NamedTuple):
    """Images of one folder (name relative to the data set's folder) that need a check."""

    folder: str
    entries: list[Entry]


def examine(settings: FolderSettings, trees: list[Tree], reading: Reading) -> dict[str, bytes]:
    """Read and decode all images of trees that have not passed this check before.

    The results are cached, also where some images are damaged, so that after a repair only the
    changed images are checked.

    Args:
        settings: of the data set.
        trees: its parts, such as training and test images.
        reading: gives the number of processes and the cache; the trees are added to its manifest.

    Returns:
        The first `DIGEST` bytes of each file's SHA-256, by names relative to the data set's folder.

    Raises:
        UserError: images are damaged; names the first ones and gives their number.
    """
    root = Path(settings.data_dir)
    parts = {str(tree.folder.relative_to(root)): tree for tree in trees}
    faults = [f"{part}/{one.name} (found {one.why})" for part in parts for one in parts[part].odd]
    faults += _look(settings, parts, reading)
    if faults:
        total = sum(tree.images + len(tree.odd) for tree in trees)
        shown = ", ".join(faults[:SHOWN])
        more = f", and {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
        raise UserError(
            f"data.data_dir: {root}: {len(faults):,} of {total:,} images cannot be used: "
            f"{shown}{more}; expected whole images: replace or remove them and start again"
        )
    digests = {}
    for part, tree in parts.items():
        reading.note(part, tree)
        for directory in tree.directories:
            known = reading.hashes.of(tree.folder / directory.name, directory.entries)
            for entry, one in zip(directory.entries, known, strict=True):
                name = f"{part}/{directory.name}/{entry.name}"
                digests[name] = bytes.fromhex(one.sha256)[:DIGEST]
    return digests


def _look(settings: FolderSettings, parts: dict[str, Tree], reading: Reading) -> Iterator[str]:
    """Yield the faults of images; store the images that passed the check."""
    root = Path(settings.data_dir)
    by = f"Pillow {PIL.__version__}, {MOST_PIXELS} pixels, {settings.resize}"
    waiting = [each for part, tree in parts.items() for each in _unseen(part, tree, reading, by)]
    names = (f"{folder}/{entry.name}" for folder, entries in waiting for entry in entries)
    looks = ImageCheck(root, settings.channels, settings.resize)
    batches = load(looks, in_batches(names, BATCH), reading.loaders, pinned=False)
    found = itertools.chain.from_iterable(batches)
    total = sum(len(entries) for _, entries in waiting)
    progress = Progress(f"{root}: images looked at", total)
    for folder, entries in waiting:
        fresh = {}
        for entry in entries:
            looked = next(found)
            if fault := _fault(looked, entry):
                yield f"{folder}/{entry.name} ({fault})"
            else:
                fresh[entry.name] = Known(entry.stamp, looked.sha256, by)
            progress.add(1)
        reading.hashes.keep(root / folder, fresh)


def _unseen(part: str, tree: Tree, reading: Reading, by: str) -> Iterator[Waiting]:
    """Yield the images of a tree that have not passed this check."""
    for directory in tree.directories:
        known = reading.hashes.known(tree.folder / directory.name)
        entries = [
            entry
            for entry in directory.entries
            if (one := known.get(entry.name)) is None or (one.stamp, one.seen) != (entry.stamp, by)
        ]
        if entries:
            yield Waiting(f"{part}/{directory.name}", entries)


def _fault(looked: CheckedImage, entry: Entry) -> str:
    if not looked.fault and looked.stamp != entry.stamp:
        return "changed while it was looked at"
    return looked.fault
