"""Read the memory and the CPU time of a process and its descendants from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # clock ticks in a second


def family(pid: int) -> Iterator[int]:
    """Yield the ids of a process and of its living descendants."""
    yield pid
    for child in _read(f"/proc/{pid}/task/{pid}/children").split():
        yield from family(int(child))


def data_bytes(pid: int) -> int:
    """Return the bytes that RLIMIT_DATA counts for a process; 0 if it has ended."""
    lines = _read(f"/proc/{pid}/status").splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmData:"))


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process, user and system; 0 if it has ended."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()  # from the third on
    return sum(map(int, fields[11:13])) / TICKS


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
