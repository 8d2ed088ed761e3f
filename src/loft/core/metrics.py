"""What a job measured, one JSON object per line: `metrics.jsonl`.

The first line of a file says which job it was (`kind` "job"), the others what happened in it. The
diary, the tables and the figures are made from these lines.
"""

import datetime
import json
import subprocess
import time
from pathlib import Path
from typing import Any

from loft.core.errors import UserError
from loft.core.files import write_bytes

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
    """Return the commit that the code is at, marked where the code differs; None outside git."""
    package = Path(__file__).parents[1]

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(package), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    head = git("rev-parse", "--short=12", "HEAD").stdout.strip()
    if not head:
        return None
    return f"{head}-dirty" if git("status", "--porcelain", "--", ".").stdout else head


def read(path: Path) -> list[Line]:
    """Read a job's lines. Raises UserError where the file is missing or a line is not JSON."""
    lines = []
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            raise UserError(f"{path}: line {number} is not JSON: {line[:60]!r}") from None
    return lines
