"""Signals that ask a job to end, which often go to all of its processes at once.

A terminal, `timeout`, systemd and a cluster's scheduler all send them so. What serves a job, such
as a process that forks its workers, must not end before the workers have kept their state: it is
born with these signals blocked, and ends when those that it serves have ended.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def ending_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask to end: without SIGHUP under `nohup`, which has it ignored."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return tuple(number for number in ENDING_SIGNALS if number != signal.SIGHUP)
    return ENDING_SIGNALS


@contextmanager
def blocked_signals() -> Iterator[None]:
    """Start processes inside, for which signals that ask to end are blocked until they say so.

    Those that come to this process wait until the end of the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        resource_tracker.ensure_running()  # its start unblocks what was blocked
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def unblock_signals() -> None:
    """Let signals that ask to end do so, in a process that was started shielded."""
    for number in ending_signals():
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
