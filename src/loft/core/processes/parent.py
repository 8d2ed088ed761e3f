"""Leaving when the process that asked for this one is gone, even if it was killed outright.

A process is known by its number and, on Linux, by the time of its start, since numbers come again.
One that has ended but whose parent has not asked how is gone too, though it still has its number.
"""

import os
import platform
import signal
import threading
import time
from pathlib import Path
from typing import NamedTuple

VARIABLE = "LOFT_LAUNCHER"  # in the environment: host, id and start of the process that runs steps
SECONDS = 1.0  # between looks


class Process(NamedTuple):
    """A process on this machine: its id, and when it started as the system says; "" if unknown."""

    pid: int
    start: str


def find_process(pid: int) -> Process | None:
    """Return the living process of an id."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Process(pid, "") if not Path("/proc/self/stat").exists() and _listed(pid) else None
    state, *fields = stat.rpartition(")")[2].split()  # from the third field on, of proc(5)
    return None if state in "ZX" else Process(pid, fields[18])


def _listed(pid: int) -> bool:
    """Whether the system knows an id, where it shows no more of its processes."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True


def announce_launcher() -> None:
    """Tell steps started from here that they are this process's, or the one's that it is part of.

    What another host's process announced is of no use here.
    """
    own = find_process(os.getpid())
    if _launcher() is None and own is not None:
        os.environ[VARIABLE] = f"{platform.node()} {own.pid} {own.start}"


def end_with_launcher() -> None:
    """Watch the process that was announced, if any; when it is gone, stop as by SIGTERM."""
    launcher = _launcher()
    if launcher is not None:
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
