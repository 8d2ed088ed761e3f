"""What serves a job is born with signals that ask to end blocked, and may let them in."""

import signal
import subprocess
import sys

import pytest

from loft.core.processes.signals import ENDING_SIGNALS, blocked_signals, ending_signals
from tests.conftest import ROOT

BLOCKED = "import signal; print(*sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))"
UNBLOCKED = f"from loft.core.processes.signals import unblock_signals; unblock_signals(); {BLOCKED}"


def blocked(script: str) -> set[int]:
    """Return the signals that a process finds blocked."""
    given = [sys.executable, "-c", script]
    done = subprocess.run(given, capture_output=True, text=True, check=True, cwd=ROOT / "src")
    return {int(number) for number in done.stdout.split()}


def test_only_what_is_started_inside_has_signals_blocked() -> None:
    with blocked_signals():
        assert blocked(BLOCKED) == {*ENDING_SIGNALS}
        assert blocked(UNBLOCKED) == set()
    assert blocked(BLOCKED) == set()


def test_a_signal_waits_until_the_processes_have_started() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    try:
        with blocked_signals():
            signal.raise_signal(signal.SIGTERM)
            assert seen == []
        assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("ignored", [False, True])
def test_nohup_is_respected(ignored: bool) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        assert (signal.SIGHUP in ending_signals()) is not ignored
    finally:
        signal.signal(signal.SIGHUP, before)
