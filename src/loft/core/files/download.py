"""A file from the first mirror that serves it: bounded in bytes and time, checked, then kept."""

import http.client
import queue
import tarfile
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.processes.progress import say

T = TypeVar("T")
PART = 2**16  # bytes read at once
SHOWN = 200  # characters of what a mirror's problem is
NOT_SERVED = (  # what a mirror that cannot be reached, or what it sends, makes Python raise
    *(OSError, ValueError, EOFError, LookupError, http.client.HTTPException),
    *(tarfile.TarError, zlib.error, UserError),
)


@dataclass(frozen=True)
class Limits:
    """What a mirror may take.

    Attributes:
        size: bytes of a file, at most.
        silence: seconds without a byte.
        seconds: of a whole download.
    """

    size: int = 2**28
    silence: float = 60
    seconds: float = 3600


LIMITS = Limits()


class NotServedError(Exception):
    """No mirror served a file.

    Attributes:
        problems: what was wrong with each mirror, a text each.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__(f"no mirror served it ({'; '.join(problems)})")
        self.problems = problems


def download(
    addresses: Iterable[str],
    check: Callable[[bytes], T],
    to: Path | None = None,
    limits: Limits = LIMITS,
) -> T:
    """Download a file from the first address that has it; return what `check` made of it.

    Args:
        addresses: of the same file at several mirrors, tried in turn.
        check: returns what a file's content is, and raises UserError or ValueError, say, where it
            is not what it should be.
        to: where to write the content once it is checked; None writes nothing.
        limits: of each mirror.

    Raises:
        NotServedError: no address had it. Nothing is written then.
        JobError: it cannot be written.
    """
    problems = []
    for address in addresses:
        say(f"downloading {address}")
        try:
            content = _within(limits.seconds, partial(_read, address, limits))
            found = check(content)
        except NOT_SERVED as error:
            kind = "" if isinstance(error, UserError | ValueError) else f"{type(error).__name__}: "
            text = " ".join(f"{kind}{error}".split())
            problems.append(f"{address}: {text[:SHOWN]}")
            continue
        if to is not None:
            write_bytes(to, content)
        return found
    raise NotServedError(problems)


def _read(address: str, limits: Limits, late: threading.Event) -> bytes:
    """Read what is at an address, part by part."""
    with _asked(address, limits.silence) as answer:
        announced = answer.headers.get("Content-Length", "")
        expected = int(announced) if announced.isdecimal() else None
        if expected is not None and expected > limits.size:
            raise ValueError(f"found {expected:,} bytes; expected at most {limits.size:,}")
        content = bytearray()
        while part := answer.read1(PART):  # what has come: `read` would wait for a slow one
            content += part
            if len(content) > limits.size:
                raise ValueError(f"found more bytes than {limits.size:,}; expected at most so many")
            if late.is_set():
                raise TimeoutError
    if expected is not None and len(content) != expected:
        raise ValueError(f"found {len(content):,} bytes; expected {expected:,}")
    return bytes(content)


def _asked(address: str, silence: float) -> Any:
    """Return a mirror's answer, which must be closed."""
    try:
        return urllib.request.urlopen(address, timeout=silence)
    except urllib.error.HTTPError as error:
        error.close()  # it is an answer too
        raise


def _within(seconds: float, work: Callable[[threading.Event], bytes]) -> bytes:
    """Return what `work` does in a thread of its own; it is told, and left behind, when late.

    No time limit of a socket is one of all that it does: each byte begins it anew.
    """
    done: queue.SimpleQueue[Any] = queue.SimpleQueue()
    late = threading.Event()

    def run() -> None:
        try:
            done.put(work(late))
        except BaseException as error:  # of whatever kind: it is raised where it is waited for
            done.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        found = done.get(timeout=seconds)
    except queue.Empty:
        late.set()
        raise TimeoutError(f"not done in {seconds:g} seconds") from None
    if isinstance(found, BaseException):
        raise found
    return bytes(found)
