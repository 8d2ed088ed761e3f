"""Handle the signals that ask a job to end, which often reach all of its processes at once.

A terminal, `timeout`, systemd and cluster schedulers send them to the whole process group. A helper
process, such as the fork server, must not end before the workers have saved their state. It starts
with these signals blocked, and ends when the processes that it serves have ended.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def ending_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask a job to end; under `nohup`, which ignores it, not SIGHUP."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return tuple(number for number in ENDING_SIGNALS if number != signal.SIGHUP)
    return ENDING_SIGNALS


@contextmanager
def blocked_signals() -> Iterator[None]:
    """Block ending signals in processes that are started inside, until they unblock them.

    A signal to this process waits until the end of the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        resource_tracker.ensure_running()  # starting it unblocks the signals
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_signals() -> None:
    """Ignore ending signals from now on, also while Python shuts down."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def unblock_signals() -> None:
    """Let ending signals end this process, which was started with them blocked."""
    for number in ending_signals():
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
