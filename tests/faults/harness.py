"""Interrupt a step of a run as often as one likes, and compare what it made in the end.

A step is started as a user starts it, in a session of its own, so that all of its processes can be
found and killed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loft.core.reporting import provenance
from loft.core.reporting.metrics import Line, read
from tests.conftest import ROOT

OWN = {"turns"}  # what differs between two runs of the same job
PATIENCE = 300  # seconds, on a busy machine


@dataclass(frozen=True)
class Step:
    """A step on the command line, and the folder that all it makes goes to."""

    arguments: Sequence[str]
    folder: Path

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "loft", *self.arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self) -> str:
        """Run to the end; return what it said."""
        with self.start() as process:
            _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return said

    def strike(
        self, how: signal.Signals, seconds: float, everyone: bool = False
    ) -> tuple[int, int, str]:
        """Start, send a signal so long after that, if there still is anyone; wait for the end.

        SIGKILL goes to all of the step's processes, anything else to the first or to `everyone`.
        Returns the exit status, the session's number and what was said.
        """
        said: list[str] = []
        with self.start() as process:
            assert process.stderr is not None
            reader = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
            reader.start()
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                _send(process, how, everyone)
            status = process.wait(timeout=PATIENCE)
            reader.join()
        return status, process.pid, "".join(said)

    def interrupt(
        self, how: signal.Signals, seconds: float, everyone: bool = False
    ) -> tuple[int, str]:
        """Start, send a signal so long after the first epoch; return the status and what it said.

        SIGKILL goes to all of the step's processes at once, anything else to the first alone or,
        as a terminal and `timeout` do, to `everyone`.
        """
        with self.start() as process:
            assert process.stderr is not None
            said = next((line for line in process.stderr if "epoch 1/" in line), "")
            time.sleep(seconds)
            _send(process, how, everyone)
            said += process.stderr.read()
            status = process.wait(timeout=PATIENCE)
        return status, said


def _send(process: "subprocess.Popen[str]", how: signal.Signals, everyone: bool = False) -> None:
    if everyone or how == signal.SIGKILL:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)


def orphans(session: int) -> list[int]:
    """Return the living processes of a session."""
    return [pid for pid, own in _sessions() if own == session]


def _sessions() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] != "Z":
                yield int(entry.name), int(fields[3])


def made(folder: Path) -> dict[str, Any]:
    """Return what a step made: bytes of its files, lines of its metrics, but for what varies."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name == "metrics.jsonl":
            found[name] = [_own(line) for line in read(path)]
        elif path.is_file() and path.name != provenance.NAME:
            found[name] = path.read_bytes()
    return found


def _own(line: Line) -> Line:
    return {key: value for key, value in line.items() if key not in OWN}
