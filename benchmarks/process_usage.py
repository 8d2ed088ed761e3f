"""What Linux says of a running process and its descendants."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # a second


def family(pid: int) -> Iterator[int]:
    """Yield a process and its descendants, as far as they are still there."""
    yield pid
    for child in _read(f"/proc/{pid}/task/{pid}/children").split():
        yield from family(int(child))


def data_bytes(pid: int) -> int:
    """Return what RLIMIT_DATA counts of a process; 0 where it is gone."""
    lines = _read(f"/proc/{pid}/status").splitlines()
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmData:"))


def cpu_seconds(pid: int) -> float:
    """Return what a process has computed, in user mode and in the kernel; 0 where it is gone."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()  # from the third, its state, on
    return sum(map(int, fields[11:13])) / TICKS


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
