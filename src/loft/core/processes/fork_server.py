"""Fork processes from a server that has imported their code and started no threads.

The server imports torch once for all processes, and no process inherits a lock that another thread
holds. When the process that started them ends, the forked processes and the server end too.

The server listens on a Unix socket in a private folder of this process, which also holds the other
temporary files of the job. The folder is removed when the process ends. If the process was killed,
the next process that starts a server removes the folder.
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
LONGEST = 55  # bytes of the folder's path: a socket's whole path has at most 104
ELSEWHERE = ("/tmp", "/var/tmp")  # tried where the path of TMPDIR is longer
FILES = 128  # open files that a process may have; more than any needs
_STARTING = threading.Lock()


@contextmanager
def forking(*preload: str) -> Iterator[ForkServerContext]:
    """Start processes inside; the server forks them, with signals blocked (see `unblock_signals`).

    Args:
        preload: modules that the server imports before it forks. All calls share one server, which
            imports the modules of the first call.

    Raises:
        JobError: no folder can hold sockets, the limit on open files is too low, or the server is
            gone.
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
    """Raise the limit on open files of this process and of those that it starts."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < FILES:  # a negative number means no limit
        if 0 <= most < FILES:
            raise JobError(
                f"processes cannot be started: at most {most} open files are allowed; expected "
                f"{FILES} or more (ulimit -n)"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, most))


@cache
def _end_all_at_exit() -> None:
    """Kill the forked processes when this process ends.

    multiprocessing would send SIGTERM, which they may block, and then wait for them forever.
    """

    def end() -> None:
        for process in multiprocessing.active_children():
            process.kill()

    Finalize(None, end, exitpriority=0)


def _start_server() -> None:
    """Start the server unless it runs already; its socket is in this process's private folder.

    Forked processes use the folder of the process that started them.
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
    """Return this process's private folder, which other users cannot enter. Exit removes it.

    Raises:
        JobError: there is no writable folder for temporary files with a short path.
    """
    given = tempfile.gettempdir()
    for place in dict.fromkeys([given, *ELSEWHERE]):
        if len(os.fsencode(place)) <= LONGEST:
            with suppress(OSError, NoLocksError):
                made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))  # for its owner alone
                _hold(made)
                Finalize(None, shutil.rmtree, (made, True), exitpriority=-200)  # after all others
                _remove_left(Path(place))
                return made
    raise JobError(
        f"TMPDIR: found {given}; expected a folder that can be written, has room and locks, and a "
        f"path of at most {LONGEST} bytes: Unix sockets lie in it"
    )


def _hold(made: Path) -> None:
    """Lock a folder while this process lives; the lock file gets its name once it is locked."""
    descriptor = os.open(made / f"{LOCK}-", os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(descriptor, "r+b", closefd=False) as file:  # the kernel closes the descriptor
        lock(file)
    (made / f"{LOCK}-").rename(made / LOCK)


def _remove_left(place: Path) -> None:
    """Remove the private folders of this user's killed processes."""
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
    """End this forked process when the process that started it ends, even if that was killed.

    On Linux it also ends when the server is killed: nobody else could report its exit status.
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
