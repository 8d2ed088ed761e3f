"""Lease GPUs to jobs, so that different jobs on one node compute on different GPUs.

Snakemake counts GPUs but does not assign them, and CUDA would give every job the first one. Each
job therefore leases its GPUs among those in CUDA_VISIBLE_DEVICES and sees no others. A lease is a
file in a folder of the user on this node, locked by its holder. The kernel drops the lock when the
holder ends, even if it was killed.

A job gets the GPUs with the fewest holders. Where all GPUs are held, it shares one and prints a
line instead of waiting for hours, because small jobs fit together. For one job per GPU, give
snakemake as many cores as there are GPUs. With more workers than GPUs, the workers take turns.

A user's leases are invisible to other users: between users the node's scheduler decides, by
CUDA_VISIBLE_DEVICES.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from loft.core.errors import JobError
from loft.core.files.atomic import writing
from loft.core.processes.file_locks import NoLocksError, lock, warn
from loft.core.processes.progress import say

VARIABLE = "CUDA_VISIBLE_DEVICES"


def visible() -> list[str]:
    """Return the names of the GPUs that this process may use. CUDA is not initialised."""
    import torch

    count = torch.cuda.device_count()  # existing GPUs among those that the variable names
    named = os.environ.get(VARIABLE)
    if named is None:
        return [str(number) for number in range(count)]
    return [name.strip() for name in named.split(",")][:count]


@contextmanager
def leased(
    count: int, gpus: Sequence[str] | None = None, folder: Path | None = None
) -> Iterator[list[str]]:
    """Lease `count` GPUs inside: this process and those it starts see no others.

    Enter it before CUDA is initialised. With fewer than `count` GPUs nothing is leased, no file is
    made and nothing changes.

    Args:
        count: number of GPUs, all different.
        gpus: to choose from; None means all visible GPUs.
        folder: for leases; None means this user's folder in the system's temporary folder.

    Raises:
        JobError: the folder cannot be written or belongs to another user.
    """
    gpus = visible() if gpus is None else gpus
    if len(gpus) < count:
        yield []
        return
    folder = folder or Path(tempfile.gettempdir()) / f"loft-gpus-{os.getuid()}"
    before = os.environ.get(VARIABLE)
    with ExitStack() as held:
        chosen = _take(folder, gpus, count, held)
        os.environ[VARIABLE] = ",".join(chosen)
        try:
            yield chosen
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


def _take(folder: Path, gpus: Sequence[str], count: int, held: ExitStack) -> list[str]:
    """Lease the `count` GPUs with the fewest holders; among equals, the first.

    On a file system without locks the holders are unknown. Then a line is printed, and the process
    id decides the first GPU, so that jobs spread.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()  # of the link itself, not of its target
        if folder.is_symlink() or found.st_uid != os.getuid():
            raise JobError(f"{folder}: found another user's; expected a folder of one's own")
        try:
            holders, chosen = _lease(folder, gpus, count, held)
        except NoLocksError as error:
            warn(error, "jobs may share a GPU; TMPDIR names a folder for leases")
            first = os.getpid() % len(gpus)
            return [*gpus[first:], *gpus[:first]][:count]
    for gpu in chosen:
        if holders[gpu]:
            say(f"GPU {gpu}: shared with {holders[gpu]} other jobs; none is free")
    return chosen


def _lease(
    folder: Path, gpus: Sequence[str], count: int, held: ExitStack
) -> tuple[dict[str, int], list[str]]:
    """Return the number of holders of each GPU before, and the GPUs leased now."""
    with (folder / "lock").open("w") as file:
        lock(file, wait=True)  # one job at a time counts holders and chooses
        holders = {gpu: _holders(folder, gpu) for gpu in gpus}
        chosen = sorted(gpus, key=lambda gpu: holders[gpu])[:count]
        for gpu in chosen:
            lock(held.enter_context(_new_lease(folder, gpu)), wait=True)
    return holders, chosen


def _holders(folder: Path, gpu: str) -> int:
    """Count a GPU's leases, and remove those whose holder is gone."""
    count = 0
    for path in folder.glob(f"{_stem(gpu)}*"):
        with path.open("w") as file:
            if lock(file):
                path.unlink()
            else:
                count += 1
    return count


def _new_lease(folder: Path, gpu: str) -> IO[bytes]:
    return tempfile.NamedTemporaryFile(dir=folder, prefix=_stem(gpu), delete=False)


def _stem(gpu: str) -> str:
    """Return the prefix of a GPU's lease files; names of GPU parts contain "/"."""
    return f"gpu-{gpu.replace('/', '_')}."
