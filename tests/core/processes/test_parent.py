"""A step knows whether the process that asked for it still is."""

import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from loft.core.processes import parent
from tests.conftest import ROOT

HOLDING = """
import time
from loft.core.processes import parent
parent.SECONDS = 0.05
parent.end_with_launcher()
print("holding", flush=True)
time.sleep(60)
"""
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are known by their number alone here"
)


@pytest.fixture
def zombie() -> Iterator[int]:
    """A process that has ended, and whose parent has not asked how."""
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


def held(by: str) -> int:
    """Start a process that is held by another; return the status that it ends with."""
    named = f"{platform.node()} {by}"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), parent.VARIABLE: named},
    ) as process:
        return process.wait(timeout=50)


def test_this_process_is_alive_and_the_same() -> None:
    own = parent.find_process(os.getpid())
    assert own is not None
    assert own == parent.find_process(os.getpid())
    assert own != parent.find_process(os.getppid())


@needs_proc
def test_a_zombie_is_gone(zombie: int) -> None:
    os.kill(zombie, 0)  # its number is there
    assert parent.find_process(zombie) is None
    assert held(by=f"{zombie} 1") == -signal.SIGTERM


@needs_proc
def test_another_process_of_the_same_number_is_not_the_one_announced() -> None:
    own = parent.find_process(os.getpid())
    assert own is not None
    assert held(by=f"{own.pid} {int(own.start) - 1}") == -signal.SIGTERM


def test_what_is_announced_is_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(parent.VARIABLE, raising=False)
    parent.announce_launcher()
    announced = os.environ[parent.VARIABLE]
    assert parent._launcher() == parent.find_process(os.getpid())
    monkeypatch.setattr(os, "getpid", os.getppid)
    parent.announce_launcher()  # the first one counts
    assert os.environ[parent.VARIABLE] == announced


@pytest.mark.parametrize("text", ["", "elsewhere 1 1", "{node} 1", "{node} x 1", "{node}"])
def test_what_another_host_or_version_announced_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(parent.VARIABLE, text.format(node=platform.node()))
    assert parent._launcher() is None


@needs_proc
def test_a_launcher_is_watched_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that calls many steps, as tests do, would otherwise have thousands."""
    own = parent.find_process(os.getppid())
    assert own is not None
    monkeypatch.setenv(parent.VARIABLE, f"{platform.node()} {own.pid} {own.start}")
    parent.end_with_launcher()
    before = threading.active_count()
    for _ in range(3):
        parent.end_with_launcher()
    assert threading.active_count() == before
