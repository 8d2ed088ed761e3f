"""Leaving when the process that asked for this one is gone, even if it was killed outright."""

import os
import platform
import signal
import threading
import time

VARIABLE = "LOFT_LAUNCHER"  # in the environment: host and process id of who runs the steps
SECONDS = 1.0  # between looks


def announce() -> None:
    """Tell steps started from here that they are this process's, or the one's that it is part of.

    What another host's process announced is of no use here.
    """
    if _launcher() is None:
        os.environ[VARIABLE] = f"{platform.node()} {os.getpid()}"


def hold() -> None:
    """Watch the process that was announced, if any; when it is gone, stop as by SIGTERM."""
    launcher = _launcher()
    if launcher is not None:
        threading.Thread(target=_watch, args=(launcher,), daemon=True).start()


def _launcher() -> int | None:
    host, _, pid = os.environ.get(VARIABLE, "").rpartition(" ")
    return int(pid) if host == platform.node() and pid else None


def _watch(launcher: int) -> None:
    while _alive(launcher):
        time.sleep(SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True
