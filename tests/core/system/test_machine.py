"""What a machine lacks is found before a run, each in a line with its mend; all else is passed."""

import fcntl
import getpass
import multiprocessing
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from loft.cli import main
from loft.core.processes import fork_server, shared_memory
from loft.core.system import machine
from loft.core.system.machine import Finding, find_faults
from loft.tickets.run.run import Run
from tests import pictures
from tests.conftest import TINY, write_params

Monkey = pytest.MonkeyPatch
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def loading() -> Run:
    """A run whose workers have two processes each that load images."""
    changes = {"data": pictures.settings(Path("none"), loaders=2), "augment": pictures.AUGMENT}
    return Run.model_validate({**TINY, **changes})


def only(found: list[Finding], text: str, stops: bool) -> None:
    (finding,) = found
    assert text in finding.text
    assert "\n" not in finding.text
    assert finding.stops == stops


def test_nothing_is_found_where_nothing_is_wrong(run: Run, loading: Run) -> None:
    assert find_faults(run) == find_faults(loading) == []


def test_tools_that_are_not_there(run: Run, monkeypatch: Monkey, tmp_path: Path) -> None:
    for tool in ("bash", "tee"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(tmp_path))
    only(find_faults(run), "git: not on PATH", stops=False)
    (tmp_path / "git").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    (tmp_path / "tee").unlink()
    only(find_faults(run), "tee: not on PATH", stops=True)


def test_a_user_without_a_name(run: Run, monkeypatch: Monkey) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 4242")

    monkeypatch.setattr(getpass, "getuser", unknown)
    only(find_faults(run), "export USER=", stops=True)


def test_a_cache_that_cannot_be_written(run: Run, monkeypatch: Monkey) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none/cache")
    only(find_faults(run), "/proc/none/cache: cannot be written", stops=True)


def test_a_user_without_a_home(run: Run, monkeypatch: Monkey) -> None:
    def none(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", none)
    only(find_faults(run), "has no home", stops=True)


def test_no_folder_for_temporary_files(run: Run, monkeypatch: Monkey) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert any("TMPDIR: no folder" in finding.text for finding in find_faults(run))


def test_a_file_system_without_locks(run: Run, monkeypatch: Monkey) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    only(find_faults(run), "the file system has no locks", stops=False)


def test_a_folder_for_temporary_files_with_a_long_name(
    run: Run, monkeypatch: Monkey, tmp_path: Path
) -> None:
    long = tmp_path / ("x" * 150)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    only(find_faults(run), "export TMPDIR=/tmp", stops=False)
    assert [*long.iterdir()] == []
    monkeypatch.setattr(fork_server, "ELSEWHERE", (tmp_path / "none",))
    only(find_faults(run), "Unix sockets cannot lie", stops=True)


class Usage(NamedTuple):
    free: int


@pytest.mark.skipif(not shared_memory.FOLDER.exists(), reason="shared memory is no folder here")
def test_little_shared_memory(run: Run, loading: Run, monkeypatch: Monkey) -> None:
    batches = 4 * (2 * 2 + 1)  # of four workers: two ready for each loader, and one in use
    needed = batches * 32 * 3 * 16**2
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(needed))
    assert find_faults(loading) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(needed - 1))
    only(find_faults(loading), "--shm-size", stops=True)
    assert find_faults(run) == []  # which loads no files


def test_no_semaphores(run: Run, loading: Run, monkeypatch: Monkey) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(multiprocessing.synchronize, "SemLock", refuse)
    monkeypatch.setattr(multiprocessing.get_context("fork"), "Lock", refuse)
    only(find_faults(loading), "/dev/shm: Read-only file system", stops=True)
    assert find_faults(run) == []


def test_windows_line_ends(run: Run, monkeypatch: Monkey, tmp_path: Path) -> None:
    (tmp_path / "src" / "loft").mkdir(parents=True)
    (tmp_path / "src" / "loft" / "module.py").write_bytes(b"import os\r\n")
    monkeypatch.setattr(machine, "SOURCE", tmp_path / "src")
    only(find_faults(run), "Windows line ends", stops=False)


def test_check_says_all_at_once(
    monkeypatch: Monkey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    params = write_params(tmp_path / "tiny.yaml", TINY)
    given = ["check", "--params", str(params)]
    monkeypatch.setattr(machine, "CHECKS", [])
    assert main(given) == 0
    assert capsys.readouterr() == (f"{params}: run 'tiny', tickets: nothing wrong\n", "")
    monkeypatch.setattr(machine, "CHECKS", [lambda _: iter([Finding("slow", stops=False)])])
    assert main(given) == 0
    assert capsys.readouterr() == (
        f"{params}: run 'tiny', tickets: nothing that stops it\n",
        "loft: slow\n",
    )
    monkeypatch.setattr(machine, "CHECKS", [lambda _: iter([Finding("a"), Finding("b")])])
    assert main(given) == 2
    assert capsys.readouterr() == ("", "loft: a\nloft: b\n")
