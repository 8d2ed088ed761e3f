"""Write the provenance of measurements: `provenance.jsonl` beside `metrics.jsonl`.

It holds what differs between two runs of the same job on the same processor: commit, dates,
seconds, process ids, memory, and the machine. Git ignores it, so that making a run again leaves the
committed lines as they are. Each of its lines names the line of `metrics.jsonl` that it is about.
"""

import datetime
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loft.core.files.atomic import write_bytes

NAME = "provenance.jsonl"

Varying = dict[str, Any]  # what varies about one line


def beside(metrics: Path) -> Path:
    """Return the path of the provenance of a file of lines."""
    return metrics.with_name(NAME)


def began() -> Varying:
    """Return the commit, the time and the machine of a job that begins now."""
    return {
        **machine(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
    }


def machine() -> Varying:
    """Return what the bits of a result depend on beside its settings: code, torch, processor."""
    return {
        "commit": commit(),
        "torch": importlib.metadata.version("torch"),
        "processor": processor(),
        "gpu": gpu(),
    }


def commit() -> str | None:
    """Return the commit of the code, with "-dirty" where the code differs from it.

    None outside git, also in a download inside another repository, and where git is missing or
    fails.
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


def processor() -> str:
    """Return the name of this machine's processor."""
    about = Path("/proc/cpuinfo")
    text = about.read_text(encoding="utf-8", errors="replace") if about.exists() else ""
    name = re.search(r"model name\s*: (.+)", text)
    return name[1] if name else platform.machine()


def gpu() -> str | None:
    """Return the name of this process's GPU, or None. CUDA is not initialised."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return None
    return str(torch.cuda.get_device_name())


def write(metrics: Path, lines: Sequence[dict[str, Any]], varying: Sequence[Varying]) -> None:
    """Write the provenance of each line beside the file `metrics`."""
    text = "".join(
        json.dumps({"line": number, "kind": line["kind"], **own}) + "\n"
        for number, (line, own) in enumerate(zip(lines, varying, strict=True), start=1)
    )
    write_bytes(beside(metrics), text.encode())
