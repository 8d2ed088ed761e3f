"""What a job measured, one JSON object per line: `metrics.jsonl`.

The first line of a file says which job it was (`kind` "job"), the others what happened in it. The
diary, the tables and the figures are made from these lines.
"""

import datetime
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from loft.core.errors import UserError
from loft.core.files.atomic import read_bytes, write_bytes

Line = dict[str, Any]


class Journal:
    """Collects a job's lines and writes them whole when the job is done."""

    def __init__(self, job: Line) -> None:
        """Begin with a line that says what the job is, where its code stands, and when it began."""
        self._started = time.perf_counter()
        began = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self.lines: list[Line] = [{"kind": "job", **job, "commit": commit(), "date": began}]

    def add(self, kind: str, **values: Any) -> None:
        """Add a line of some kind, with the seconds since the job began."""
        seconds = round(time.perf_counter() - self._started, 3)
        self.lines.append({"kind": kind, **values, "seconds": seconds})

    def state(self) -> dict[str, Any]:
        """Return what JSON can hold of the journal, to go on from."""
        return {"lines": self.lines, "seconds": time.perf_counter() - self._started}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned, as the job that began then."""
        self.lines = state["lines"]
        self._started = time.perf_counter() - state["seconds"]

    def write(self, path: Path) -> None:
        text = "".join(json.dumps(line) + "\n" for line in self.lines)
        write_bytes(path, text.encode())


def commit() -> str | None:
    """Return the commit that the code is at, marked where the code differs.

    None outside git, as in a download that lies in another project's repository, and where git is
    not installed or cannot say.
    """
    package = Path(__file__).parents[2]  # of all source, not of this folder alone

    def git(*arguments: str) -> str:
        command = ["git", "--no-optional-locks", "-C", str(package), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    try:
        head = git("rev-parse", "--short=12", "HEAD") if git("ls-files", "--", ".") else ""
        if not head:
            return None
        return f"{head}-dirty" if git("status", "--porcelain", "--", ".") else head
    except OSError:  # no git, or none that can be started
        return None


def read(path: Path) -> list[Line]:
    """Read a job's lines. A last line that is cut off costs itself, and is named on standard error.

    Raises:
        UserError: the file is missing, another line is damaged, or the job's own line is.
    """
    lines, cut = _parse(path)
    if cut:
        print(f"{path}: line {len(lines) + 1} is cut off; going on without it", file=sys.stderr)
    return lines


def read_whole(path: Path) -> list[Line]:
    """Read the lines of a job that counts only as a whole, for tables and figures.

    Raises:
        UserError: as `read`, and where the last line is cut off.
    """
    lines, cut = _parse(path)
    if cut:
        raise incomplete(path, f"line {len(lines) + 1} is cut off")
    return lines


def incomplete(path: Path, what: str) -> UserError:
    """Return the error that lines of a job are missing."""
    return UserError(f"{path}: {what}; remove the file and run the step that writes it again")


def _parse(path: Path) -> tuple[list[Line], bool]:
    """Return a file's lines but for a last one that is cut off, and whether there is one."""
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
    return lines, False
