"""Write and read `metrics.jsonl`: what a job measured, one JSON object per line.

The first line of a file describes the job (`kind` "job"), the others hold its measurements. They
hold facts only: the same job gives the same lines on the same processor. Values that vary from run
to run are kept apart (see `provenance`). The diary, tables and figures are made from these lines.
"""

import json
import time
from pathlib import Path
from typing import Any

from loft.core.errors import UserError
from loft.core.files.atomic import read_bytes, write_bytes
from loft.core.processes.progress import say
from loft.core.reporting import provenance

Line = dict[str, Any]

EARLIER = ("settings", "commit", "date")  # in a first line, where it held more than facts


class Journal:
    """Collects the lines of a job and writes them together when the job is done.

    Facts, which the same job gives again, go to `metrics.jsonl`; what varies from run to run goes
    to `provenance.jsonl` beside it.
    """

    def __init__(self, facts: Line, **varying: Any) -> None:
        """Begin with a line that says what the job is.

        Args:
            facts: of the job.
            varying: what another run of the job may do otherwise, such as its device.
        """
        self._started = time.perf_counter()
        self.lines: list[Line] = [{"kind": "job", **facts}]
        self.varying: list[Line] = [{**provenance.began(), **varying}]

    def add(self, kind: str, varying: Line | None = None, /, **facts: Any) -> None:
        """Add a line of some kind; the seconds since the job began are noted as varying."""
        seconds = round(time.perf_counter() - self._started, 3)
        self.lines.append({"kind": kind, **facts})
        self.varying.append({**(varying or {}), "seconds": seconds})

    def state(self) -> dict[str, Any]:
        """Return the journal's state as JSON values."""
        seconds = time.perf_counter() - self._started
        return {"lines": self.lines, "varying": self.varying, "seconds": seconds}

    def load_state(self, state: dict[str, Any]) -> None:
        """Continue from a state, with the start time of that job."""
        self.lines, self.varying = state["lines"], state["varying"]
        self._started = time.perf_counter() - state["seconds"]

    def write(self, path: Path) -> None:
        """Write the provenance beside `path`, then the facts to `path`."""
        provenance.write(path, self.lines, self.varying)
        text = "".join(json.dumps(line) + "\n" for line in self.lines)
        write_bytes(path, text.encode())


def read(path: Path) -> list[Line]:
    """Read the lines of a job. Leave out a last line that is cut off, and print its number.

    Raises:
        UserError: the file is missing, or another line or the first one is damaged.
    """
    lines, cut = _parse(path)
    if cut:
        say(f"{path}: line {len(lines) + 1} is cut off; going on without it")
    return lines


def read_whole(path: Path) -> list[Line]:
    """Read the lines of a job that must be complete, for tables and figures.

    Raises:
        UserError: as `read`, and where the last line is cut off.
    """
    lines, cut = _parse(path)
    if cut:
        raise incomplete(path, f"line {len(lines) + 1} is cut off")
    return lines


def incomplete(path: Path, what: str) -> UserError:
    """Return the error about missing lines of a job."""
    return UserError(f"{path}: {what}; remove the file and run the step that writes it again")


def _parse(path: Path) -> tuple[list[Line], bool]:
    """Return the lines of a file, and whether a last line was cut off and left out."""
    *whole, last = read_bytes(path).split(b"\n")
    lines: list[Line] = []
    for number, text in enumerate([*whole, last] if last else whole, start=1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict) or "kind" not in line:
            if lines and number > len(whole):
                return lines, True
            shown = text[:60].decode(errors="replace")
            raise UserError(
                f"{path}: line {number} is damaged: found {shown!r}; expected a JSON object"
            )
        lines.append(line)
    if not lines or lines[0]["kind"] != "job":
        raise UserError(f"{path}: expected a first line that says what the job was")
    for key in EARLIER:
        if key in lines[0]:
            raise incomplete(path, f"line 1: found '{key}', as earlier versions wrote")
    return lines, False
