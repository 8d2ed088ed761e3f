"""Downloads from a server on this machine that misbehaves in every way."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from loft.core.errors import UserError
from loft.core.files.download import Limits, NotServedError, download

GOOD = b"what is wanted\n" * 100
PAGE = b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"
TINY = Limits(size=10_000, silence=5, seconds=0.5)
OVER = threading.Event()  # the tests are done, so that no handler need wait any more


class Misbehaving(BaseHTTPRequestHandler):
    """Answers as the path says."""

    def do_GET(self) -> None:
        BEHAVIOURS[self.path.strip("/")](self)

    def answer(self, content: bytes, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": len(content), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(content)

    def raw(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def drip(self, first: bytes, byte: bytes) -> None:
        """Send a byte at a time, faster than any silence and slower than any patience."""
        try:
            self.wfile.write(first)
            while not OVER.wait(0.02):
                self.wfile.write(byte)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        pass


BEHAVIOURS: dict[str, Callable[[Misbehaving], None]] = {
    "good": lambda it: it.answer(GOOD),
    "good in chunks": lambda it: it.raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GOOD[:7], GOOD[7:]))
        + b"0\r\n\r\n"
    ),
    "moved": lambda it: it.answer(b"", 302, Location="/good"),
    "page": lambda it: it.answer(PAGE),
    "empty": lambda it: it.answer(b""),
    "other": lambda it: it.answer(GOOD[::-1]),
    "missing": lambda it: it.answer(PAGE, 404),
    "broken": lambda it: it.answer(PAGE, 500),
    "cut": lambda it: it.answer(GOOD[:50], Content_Length=len(GOOD)),
    "cut in a chunk": lambda it: it.raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nwhat"
    ),
    "cut between chunks": lambda it: it.raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwhat\r\n"
    ),
    "no chunk": lambda it: it.raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnothing\r\n"
    ),
    "huge": lambda it: it.answer(GOOD, Content_Length=10**12),
    "endless": lambda it: it.raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 20_000),
    "no length": lambda it: it.answer(GOOD[:-1], Content_Length="-5"),
    "round": lambda it: it.answer(b"", 302, Location=it.path),
    "to a file": lambda it: it.answer(b"", 302, Location="file:///etc/hostname"),
    "no status": lambda it: it.raw(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "no answer": lambda it: it.raw(b""),
    "long line": lambda it: it.raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
    "many lines": lambda it: it.raw(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 1000 + b"\r\n"),
    "slow body": lambda it: it.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"a"),
    "slow head": lambda it: it.drip(b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "silent": lambda it: void(OVER.wait(10)),
}
WELL = ("good", "good in chunks", "moved")
EXPECTED = {
    "page": "found MD5 ",
    "missing": "HTTP Error 404",
    "cut": "found 50 bytes; expected 1,500",
    "huge": "found 1,000,000,000,000 bytes; expected at most 10,000",
    "no status": "BadStatusLine: SSH-2.0",
    "cut between chunks": "IncompleteRead",
    "endless": "found more bytes than 10,000",
    "round": "infinite loop",
    "slow body": "not done in 0.5 seconds",
    "slow head": "not done in 0.5 seconds",
}


def void(_: object) -> None:
    pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The server's address."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    OVER.clear()
    with Quiet(("127.0.0.1", 0), Misbehaving) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{made.server_address[1]}"
        OVER.set()
        made.shutdown()
        thread.join()


def checked(content: bytes) -> str:
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if content != GOOD:
        raise ValueError(f"found MD5 {found}; expected another")
    return found


def address(server: str, behaviour: str) -> str:
    return f"{server}/{behaviour}"


@pytest.fixture(autouse=True)
def spelt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let paths have spaces, for names that can be read."""
    for name in [*BEHAVIOURS]:
        monkeypatch.setitem(BEHAVIOURS, name.replace(" ", "%20"), BEHAVIOURS[name])
    monkeypatch.delenv("http_proxy", raising=False)


@pytest.mark.parametrize("behaviour", WELL)
def test_a_mirror_that_serves_the_file(server: str, tmp_path: Path, behaviour: str) -> None:
    to = tmp_path / "deep" / "file"
    found = download([address(server, behaviour.replace(" ", "%20"))], checked, to, TINY)
    assert found == hashlib.md5(GOOD, usedforsecurity=False).hexdigest()
    assert to.read_bytes() == GOOD
    assert [*to.parent.iterdir()] == [to]


@pytest.mark.parametrize("behaviour", sorted({*BEHAVIOURS} - {*WELL}))
def test_a_mirror_that_misbehaves_is_named_and_the_next_one_tried(
    server: str, tmp_path: Path, behaviour: str
) -> None:
    bad = address(server, behaviour.replace(" ", "%20"))
    limits = Limits(TINY.size, 0.2 if behaviour == "silent" else 5, TINY.seconds)
    with pytest.raises(NotServedError) as error:
        download([bad], checked, tmp_path / "file", limits)
    (problem,) = error.value.problems
    assert problem.startswith(f"{bad}: ")
    assert EXPECTED.get(behaviour, "") in problem
    assert "\n" not in problem
    assert len(problem) < 300
    assert [*tmp_path.iterdir()] == []
    download([bad, address(server, "good")], checked, tmp_path / "file", limits)
    assert (tmp_path / "file").read_bytes() == GOOD


def test_whatever_the_check_says_is_said(server: str, tmp_path: Path) -> None:
    def refuse(content: bytes) -> None:
        raise UserError("no, not this one")

    with pytest.raises(NotServedError, match=r"no mirror served it .*: no, not this one"):
        download([address(server, "good")], refuse, tmp_path / "file", TINY)
    assert [*tmp_path.iterdir()] == []


def test_nobody_answers(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}/file"
        with pytest.raises(NotServedError, match=r"Connection refused"):
            download([nobody], checked, tmp_path / "file", TINY)
    for wrong in ("surprise", "http://", "http://127.0.0.1:port/", "http://a b/", "file:///none"):
        with pytest.raises(NotServedError):
            download([wrong], checked, tmp_path / "file", TINY)
