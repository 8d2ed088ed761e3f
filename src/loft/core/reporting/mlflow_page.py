"""Show the diary in MLflow's page, on this machine only, until the user stops it.

MLflow's server is several processes; if one is killed, the others keep the port. Here they run in
their own session. This process watches them and ends them when it or its parent ends.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from loft.core.errors import JobError, UserError

HOST = "127.0.0.1"
LOOK = 0.5  # seconds between looks at the parent
PATIENCE = 5.0  # seconds for the server to leave by itself
# MLflow's queue of jobs, which nothing here uses, takes eight processes and 1.2 GB
ENVIRONMENT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def show(database: Path, port: int) -> None:
    """Serve MLflow's page until interrupted, or until the process that started this one is gone.

    Raises:
        UserError: there is no such database, or the port is taken.
        JobError: the server ended by itself.
    """
    if not database.is_file():
        raise UserError(f"{database}: no such file; `make ui` makes it, then shows it")
    _refuse_taken(port)
    parent = os.getppid()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = subprocess.Popen(
        command(database, port),
        env={**os.environ, **ENVIRONMENT},
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - takes no lock
    )
    try:
        while os.getppid() == parent:
            with suppress(subprocess.TimeoutExpired):
                raise JobError(f"the server ended by itself, status {server.wait(LOOK)}")
    finally:
        _end(server)


def command(database: Path, port: int) -> list[str]:
    """Return the command that starts the server."""
    store = ["--backend-store-uri", f"sqlite:///{database}"]
    where = ["--host", HOST, "--port", str(port), "--workers", "1"]
    return [sys.executable, "-m", "mlflow", "ui", *store, *where]


def _refuse_taken(port: int) -> None:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except (OSError, OverflowError) as error:
            said = error.strerror if isinstance(error, OSError) else "no such port"
            raise UserError(
                f"--port: found {port}: {said}; expected a free one: make ui PORT=5001"
            ) from None


def _end(server: "subprocess.Popen[bytes]") -> None:
    """End the server and all its processes, by force where needed."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        server.wait(PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    """Ask Linux to send SIGTERM, which MLflow passes on, when the parent is killed."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
