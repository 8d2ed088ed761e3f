"""Download a file from the first mirror that serves it, with limits on bytes and time."""

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
SHOWN = 200  # characters of a mirror's problem
NOT_SERVED = (  # raised where a mirror cannot be reached or sends damaged data
    *(OSError, ValueError, EOFError, LookupError, http.client.HTTPException),
    *(tarfile.TarError, zlib.error, UserError),
)


@dataclass(frozen=True)
class Limits:
    """Limits of a download from one mirror.

    Attributes:
        size: most bytes of the file.
        silence: most seconds without a byte.
        seconds: most seconds of the whole download.
    """

    size: int = 2**28
    silence: float = 60
    seconds: float = 3600


LIMITS = Limits()


class NotServedError(Exception):
    """No mirror served a file.

    Attributes:
        problems: one text for each mirror.
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
    """Download a file from the first address that has it; return the result of `check`.

    Args:
        addresses: of the same file at several mirrors, tried in order.
        check: converts the content of the file; raises, for example UserError or ValueError, where
            the content is wrong.
        to: where to write the checked content; None writes nothing.
        limits: for each mirror.

    Raises:
        NotServedError: no address had the file; nothing is written.
        JobError: the file cannot be written.
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
    """Read the content at an address, part by part."""
    with _asked(address, limits.silence) as answer:
        announced = answer.headers.get("Content-Length", "")
        expected = int(announced) if announced.isdecimal() else None
        if expected is not None and expected > limits.size:
            raise ValueError(f"found {expected:,} bytes; expected at most {limits.size:,}")
        content = bytearray()
        while part := answer.read1(PART):  # `read` would wait until the part is full
            content += part
            if len(content) > limits.size:
                raise ValueError(f"found more bytes than {limits.size:,}; expected at most so many")
            if late.is_set():
                raise TimeoutError
    if expected is not None and len(content) != expected:
        raise ValueError(f"found {len(content):,} bytes; expected {expected:,}")
    return bytes(content)


def _asked(address: str, silence: float) -> Any:
    """Return the response of a mirror; the caller closes it."""
    try:
        return urllib.request.urlopen(address, timeout=silence)
    except urllib.error.HTTPError as error:
        error.close()  # it is a response too
        raise


def _within(seconds: float, work: Callable[[threading.Event], bytes]) -> bytes:
    """Run `work` in a thread and return its result; abandon the thread after the time limit.

    A socket's own timeout does not limit the whole download: it restarts with each byte. `work` is
    told through the event that it is late.
    """
    done: queue.SimpleQueue[Any] = queue.SimpleQueue()
    late = threading.Event()

    def run() -> None:
        try:
            done.put(work(late))
        except BaseException as error:  # raised again by the caller below
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
