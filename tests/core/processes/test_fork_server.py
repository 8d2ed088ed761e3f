"""The folder that a process has for its sockets, and what becomes of it."""

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from loft.core.errors import JobError
from loft.core.processes import fork_server
from tests.conftest import ROOT

HAVING = """
import sys
from loft.core.processes.fork_server import private_folder
print(private_folder(), flush=True)
sys.stdin.read()
"""


def having(place: Path) -> "subprocess.Popen[str]":
    """Start a process that has a folder, and prints its name, where temporary files belong."""
    return subprocess.Popen(
        [sys.executable, "-c", HAVING],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def named(process: "subprocess.Popen[str]") -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def test_no_other_user_can_enter_and_it_goes_at_the_end() -> None:
    with having(Path("/tmp")) as process:
        private_folder = named(process)
        assert private_folder.parent == Path("/tmp")
        assert stat.S_IMODE(private_folder.stat().st_mode) == 0o700
        assert private_folder.stat().st_uid == os.getuid()
        process.communicate()
    assert not private_folder.exists()


def test_what_a_killed_process_leaves_goes_with_the_next_and_no_others() -> None:
    with having(Path("/tmp")) as killed, having(Path("/tmp")) as living:
        left, kept = named(killed), named(living)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert left.exists()
        with having(Path("/tmp")) as process:
            named(process)
            assert not left.exists()
            assert kept.exists()
            process.communicate()
        living.communicate()


def test_a_long_path_is_not_taken(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 40)
    long.mkdir()
    with having(long) as process:
        assert named(process).parent in map(Path, fork_server.ELSEWHERE)
        process.communicate()
    assert list(long.iterdir()) == []


def test_no_room_for_sockets_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_server, "LONGEST", 3)
    expected = r"TMPDIR: found \S+; expected a folder that can be written, .* of at most 3 bytes:.*"
    with pytest.raises(JobError) as error:
        fork_server.private_folder.__wrapped__()
    assert re.fullmatch(expected, str(error.value))
