"""Which addresses the processes of a job listen on, as the kernel lists them."""

import ipaddress
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LISTENING = "0A"  # a state of proc(5)
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def descendants(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield pid
    try:
        listed = [path.read_text(encoding="ascii") for path in _threads(pid)]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in " ".join(listed).split():
        yield from descendants(int(child))


def _threads(pid: int) -> Iterator[Path]:
    return Path(f"/proc/{pid}/task").glob("*/children")


def listening(pid: int) -> set[IPAddress]:
    """Return the addresses that a process listens on."""
    try:
        held = {_link(path) for path in Path(f"/proc/{pid}/fd").iterdir()}
        tables = [Path(f"/proc/{pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    except (FileNotFoundError, ProcessLookupError):
        return set()
    found = set()
    for line in (line for table in tables for line in table.splitlines()[1:]):
        _, local, _, state, *_, inode = line.split()[:10]
        if state == LISTENING and f"socket:[{inode}]" in held:
            found.add(_address(local.partition(":")[0]))
    return found


def _link(path: Path) -> str:
    """Return what an open file is; nothing of one closed meanwhile, as what lists them is."""
    try:
        return str(path.readlink())
    except FileNotFoundError:
        return ""


def _address(text: str) -> IPAddress:
    """Return an address from words of 32 bits in the processor's order."""
    raw = bytes.fromhex(text)
    words = [raw[start : start + 4][::-1] for start in range(0, len(raw), 4)]
    return ipaddress.ip_address(b"".join(words))


@contextmanager
def watched() -> Iterator[set[IPAddress]]:
    """Collect the addresses that processes started inside by this one listen on."""
    found: set[IPAddress] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            for pid in descendants(os.getpid()):
                found.update(listening(pid))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()
