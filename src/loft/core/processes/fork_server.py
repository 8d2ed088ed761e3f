"""Processes forked off a server that has imported their code and started no threads.

torch is imported once for all of them, and none is born with another thread's lock held. They end
with the process that they work for, however it ends, and so does the server.

The server listens on a Unix socket. It lies in a folder of this process's own, beside all else that
a job needs for its processes alone. The folder goes when the process ends; what a process that was
killed has left is removed by the next one.
"""

import ctypes
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.util import Finalize
from pathlib import Path

from loft.core.errors import JobError
from loft.core.processes.file_locks import NoLocksError, lock
from loft.core.processes.signals import blocked_signals

PREFIX = "loft-job-"
LOCK = "lock"
LONGEST = 55  # bytes of a path that Unix sockets, 104 with their names, can lie below
ELSEWHERE = ("/tmp", "/var/tmp")  # where the folder for temporary files has a longer one
FILES = 128  # open at once in a process, more than any needs
_STARTING = threading.Lock()


@contextmanager
def forking(*preload: str) -> Iterator[ForkServerContext]:
    """Start processes inside; the server forks them, with signals blocked (see `unblock_signals`).

    Args:
        preload: modules that the server imports before it forks. One server forks all that this
            process starts, and imports what the first call says.

    Raises:
        JobError: there is no room for sockets, too few files may be open, or the server is lost.
    """
    _allow_files()
    _end_all_at_exit()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*preload])
    try:
        with blocked_signals():
            with _STARTING:
                _start_server()
            yield context
    except (EOFError, OSError) as error:
        text = getattr(error, "strerror", None) or "the server that forks them is gone"
        raise JobError(f"processes cannot be started: {text}") from None


def _allow_files() -> None:
    """Let this process, and what it starts, open enough files."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < FILES:  # below 0 is no limit
        if 0 <= most < FILES:
            raise JobError(
                f"processes cannot be started: at most {most} open files are allowed; expected "
                f"{FILES} or more (ulimit -n)"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, most))


@cache
def _end_all_at_exit() -> None:
    """When this process ends, end first what it has forked, which its own way, SIGTERM, does not.

    It would wait for the processes for ever.
    """

    def end() -> None:
        for process in multiprocessing.active_children():
            process.kill()

    Finalize(None, end, exitpriority=0)


def _start_server() -> None:
    """Start the server, if there is none yet; its socket lies in this process's folder.

    Processes that were forked have their starter's folder from multiprocessing.
    """
    before = tempfile.tempdir
    if multiprocessing.parent_process() is None:
        tempfile.tempdir = str(private_folder())
    try:
        forkserver.ensure_running()
    finally:
        tempfile.tempdir = before


@cache
def private_folder() -> Path:
    """Return this process's folder, which no other user can enter. It is removed at the end.

    Raises:
        JobError: no folder for temporary files can be written and has a short path.
    """
    given = tempfile.gettempdir()
    for place in dict.fromkeys([given, *ELSEWHERE]):
        if len(os.fsencode(place)) <= LONGEST:
            with suppress(OSError, NoLocksError):
                made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))  # for its owner alone
                _hold(made)
                Finalize(None, shutil.rmtree, (made, True), exitpriority=-200)  # after others'
                _remove_left(Path(place))
                return made
    raise JobError(
        f"TMPDIR: found {given}; expected a folder that can be written, has room and locks, and a "
        f"path of at most {LONGEST} bytes: Unix sockets lie in it"
    )


def _hold(made: Path) -> None:
    """Lock a folder for as long as this process lives. It is only seen to have a lock once held."""
    descriptor = os.open(made / f"{LOCK}-", os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(descriptor, "r+b", closefd=False) as file:  # the kernel closes the descriptor
        lock(file)
    (made / f"{LOCK}-").rename(made / LOCK)


def _remove_left(place: Path) -> None:
    """Remove the folders of this user's processes that were killed."""
    for left in place.glob(f"{PREFIX}*"):
        with suppress(OSError, NoLocksError):
            if left.lstat().st_uid == os.getuid() and not left.is_symlink():
                with (left / LOCK).open("r+b") as file:
                    if lock(file):
                        shutil.rmtree(left, ignore_errors=True)


def takes_sockets(place: Path) -> bool:
    """Return whether the folder of a process can lie below `place`, with sockets in it."""
    try:
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place) as own:
            below = Path(own, "pymp-abcdefgh")  # names as long as those that multiprocessing makes
            below.mkdir()
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(str(below / "listener-abcdefgh"))
    except OSError:
        return False
    return True


def end_with_parent() -> None:
    """End this forked process when the one that it works for ends, even if that was killed.

    On Linux also when the server is killed, without which no one would learn how this one ends.
    """
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
