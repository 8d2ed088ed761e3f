"""Check the machine before a run: find what it lacks and name the command or setting that helps.

A container, a cluster's node or an old laptop may lack what other machines have. Without this check
a run would stop at each problem in turn, at some of them after hours.
"""

import getpass
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from loft.core.files.step_code import SOURCE
from loft.core.processes import fork_server, shared_memory
from loft.core.processes.file_locks import NoLocksError, lock

AHEAD = 2  # batches that torch lets each loading process prepare


class Finding(NamedTuple):
    """One thing that the machine lacks, in one line, with the remedy."""

    text: str
    stops: bool = True  # whether a run would fail because of it


def find_faults(run: Any) -> list[Finding]:
    """Return what this machine lacks for a run, given by its checked settings."""
    return [finding for check in CHECKS for finding in check(run)]


def _tools(_: Any) -> Iterator[Finding]:
    for tool in ("bash", "tee"):
        if shutil.which(tool) is None:
            yield Finding(f"{tool}: not on PATH; every job is called with it: install {tool}")
    if shutil.which("git") is None:
        text = "git: not on PATH; results will not say of which commit they are: install git"
        yield Finding(text, stops=False)


def _user(_: Any) -> Iterator[Finding]:
    """Check that the user has a name and a cache folder, which Snakemake needs at its start."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        yield Finding(f"user {os.getuid()} has no name: export USER=anyone")
    mend = "snakemake's cache is there: export XDG_CACHE_HOME=/tmp/cache"
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        cache.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache).close()
    except RuntimeError:
        yield Finding(f"user {os.getuid()} has no home; {mend}")
    except OSError as error:
        yield Finding(f"{cache}: cannot be written ({error.strerror}); {mend}")


def _locks(_: Any) -> Iterator[Finding]:
    """Check that the project's file system has locks; jobs lock their state there."""
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()) as file:
            lock(file)
    except NoLocksError:
        yield Finding(
            f"{Path.cwd()}: the file system has no locks, so nobody notices a job that runs twice;"
            " mount it with them (Lustre: -o flock; NFS: a lock daemon)",
            stops=False,
        )
    except OSError:  # the run itself reports such an error
        return


def _sockets(_: Any) -> Iterator[Finding]:
    """Check that the temporary folder can hold Unix sockets, whose paths must be short."""
    try:
        given = Path(tempfile.gettempdir())
    except FileNotFoundError:
        yield Finding("TMPDIR: no folder for temporary files can be written: export TMPDIR=FOLDER")
        return
    if fork_server.takes_sockets(given):
        return
    text = f"TMPDIR: found {given}, where Unix sockets cannot lie (a short path, room and leave to"
    text += " write are needed): export TMPDIR=/tmp"
    others = map(Path, fork_server.ELSEWHERE)
    yield Finding(text, stops=not any(map(fork_server.takes_sockets, others)))


def _shared_memory(run: Any) -> Iterator[Finding]:
    """Check semaphores and free shared memory, which processes that load images need."""
    loaders = run.data.loaders if hasattr(run, "data") else 0
    if not loaders:
        return
    shared = shared_memory.FOLDER
    if fault := shared_memory.fault():
        yield Finding(
            f"{shared}: {fault}; processes that load images need it: mount it to be"
            " written, or set data.loaders: 0"
        )
        return
    if not shared.exists():
        return
    free = shutil.disk_usage(shared).free
    needed = (AHEAD * loaders + 1) * _processes(run) * _batch_bytes(run)
    if free < needed:
        yield Finding(
            f"{shared}: found {free / 1e6:.0f} MB free; expected {needed / 1e6:.0f} MB,"
            " for batches that loading processes hold ready: give it more (docker run"
            f" --shm-size 8g), or lower data.loaders ({loaders})"
        )


def _processes(run: Any) -> int:
    """Return the largest number of workers of a job; each worker has its own loaders."""
    return int(max(cell.workers for cell in run.cells))


def _batch_bytes(run: Any) -> int:
    images = max(run.pretrain.sgd.batch_size, run.finetune.sgd.batch_size)
    return int(images * run.data.channels * run.data.size**2)


def _line_ends(_: Any) -> Iterator[Finding]:
    """Check for Windows line ends, which git for Windows may make: Snakemake sees changed code."""
    files = [*(SOURCE / "loft").rglob("*.py"), *SOURCE.parent.glob("workflow/rules/*.smk")]
    found = [path for path in files if b"\r\n" in path.read_bytes()]
    if found:
        yield Finding(
            f"{found[0]}: has Windows line ends, as {len(found)} files have; published results"
            r" would be made anew: find src workflow -type f -exec sed -i 's/\r$//' {} +",
            stops=False,
        )


Check = Callable[[Any], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (_tools, _user, _locks, _sockets, _shared_memory, _line_ends)
