"""End this process when the one that launched it is gone, even if that was killed.

A process is identified by its id and, on Linux, by its start time, because ids are reused. A zombie
(a process that has ended but that its parent has not waited for) counts as gone.
"""

import os
import platform
import signal
import threading
import time
from pathlib import Path
from typing import NamedTuple

VARIABLE = "LOFT_LAUNCHER"  # host, process id and start of the launcher
SECONDS = 1.0  # between checks


class Process(NamedTuple):
    """A process on this machine: its id, and its start time as the system gives it, or ""."""

    pid: int
    start: str


_watched: set[tuple[int, Process]] = set()  # launchers, by the process that watches: forks do not


def find_process(pid: int) -> Process | None:
    """Return the living process that has an id, or None."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Process(pid, "") if not Path("/proc/self/stat").exists() and _listed(pid) else None
    state, *fields = stat.rpartition(")")[2].split()  # fields 3 and later of proc(5)
    return None if state in "ZX" else Process(pid, fields[18])


def _listed(pid: int) -> bool:
    """Return whether a process with this id exists, on a system without /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True


def announce_launcher() -> None:
    """Name this process as the launcher of the processes that it starts.

    A launcher that was named earlier on this host stays; one of another host is replaced.
    """
    own = find_process(os.getpid())
    if _launcher() is None and own is not None:
        os.environ[VARIABLE] = f"{platform.node()} {own.pid} {own.start}"


def end_with_launcher() -> None:
    """Watch the launcher, if there is one; when it is gone, send SIGTERM to this process.

    A process watches a launcher once, however often it calls this: each watch is a thread.
    """
    launcher = _launcher()
    if launcher is not None and (os.getpid(), launcher) not in _watched:
        _watched.add((os.getpid(), launcher))
        threading.Thread(target=_watch, args=(launcher,), daemon=True).start()


def _launcher() -> Process | None:
    host, *named = os.environ.get(VARIABLE, "").split(" ")
    if host != platform.node() or len(named) != 2 or not named[0].isdigit():
        return None
    return Process(int(named[0]), named[1])


def _watch(launcher: Process) -> None:
    while find_process(launcher.pid) == launcher:
        time.sleep(SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
