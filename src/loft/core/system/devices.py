"""Which GPUs a job computes on: on one node, different jobs get different ones.

Snakemake counts GPUs but hands none out, and CUDA would give every job the first. So each job
leases its GPUs among those that CUDA_VISIBLE_DEVICES allows, and sees no others. A lease is a file
in a folder of this user's on this node, locked by its holder: the kernel drops the lock when the
holder ends, however it ends.

A job gets the GPUs that fewest others hold. Where all are held it shares and says so, rather than
wait for hours: small jobs fit together, and who wants one to a GPU gives snakemake as many cores as
there are GPUs. With more workers than GPUs, workers take turns on one.

Users do not see each other's leases: between them the node's scheduler decides, by
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
    """Name the GPUs that this process may use, as CUDA_VISIBLE_DEVICES does. Starts no CUDA."""
    import torch

    count = torch.cuda.device_count()  # those of the variable's that there are
    named = os.environ.get(VARIABLE)
    if named is None:
        return [str(number) for number in range(count)]
    return [name.strip() for name in named.split(",")][:count]


@contextmanager
def leased(
    count: int, gpus: Sequence[str] | None = None, folder: Path | None = None
) -> Iterator[list[str]]:
    """Let this process and those it starts see `count` GPUs, held until the end.

    To be entered before anything asks CUDA for memory. With fewer than `count` GPUs none is leased,
    no file is made and nothing changes.

    Args:
        count: how many, all different.
        gpus: to choose among; None: all visible ones.
        folder: for leases; None: this user's in the system's folder for temporary files.

    Raises:
        JobError: the folder cannot be written, or is another user's.
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
    """Lease the `count` GPUs that fewest hold, the first of equals.

    On a file system without locks nobody knows who holds which: one line says so, and jobs of
    different process ids begin with different ones.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()  # of a link, not of what it leads to
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
    """Return how many jobs hold each GPU, and those that are leased now."""
    with (folder / "lock").open("w") as file:
        lock(file, wait=True)  # one job at a time looks and chooses
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
    """Return what the names of a GPU's leases begin with; parts of GPUs have "/" in their names."""
    return f"gpu-{gpu.replace('/', '_')}."
