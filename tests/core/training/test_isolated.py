"""Checks in a fork: how it ends is its result, but for what says nothing about kernels."""

import os
import resource
import signal
from collections.abc import Callable

import pytest
import torch

from loft.core.errors import JobError
from loft.core.training.isolated import Limits, run_isolated

LIMITS = Limits(threads=1, seconds=20, room=2**20)
NEVER = 2**60  # bytes, more than any machine has
Begin = Callable[[str], None]


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse() -> None:
    raise RuntimeError("could not\n  create a primitive")


def ask_for_more() -> None:
    """Ask the kernel for memory in a fork that may have no more."""
    resource.setrlimit(resource.RLIMIT_DATA, (1, resource.RLIM_INFINITY))
    torch.empty(2**30, dtype=torch.uint8)


def after(part: str, work: Callable[[], object]) -> Callable[[Begin], None]:
    def check(begin: Begin) -> None:
        if part:
            begin(part)
        work()

    return check


def test_a_check_without_fault_needs_no_room_beside() -> None:
    check = after("layer", lambda: None)
    assert run_isolated(check, "test", LIMITS._replace(room=NEVER)) is None


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (refuse, "could not create a primitive"),
        (crash, "layer ends with SIGSEGV"),
        (signal.pause, "layer does not end"),
    ],
)
def test_a_fault_is_returned_where_there_is_memory(
    work: Callable[[], object], expected: str
) -> None:
    seconds = 1 if work is signal.pause else LIMITS.seconds
    assert run_isolated(after("layer", work), "test", LIMITS._replace(seconds=seconds)) == expected


@pytest.mark.parametrize("work", [refuse, crash])
def test_where_memory_is_short_a_fault_says_nothing(work: Callable[[], object]) -> None:
    """As oneDNN crashes where memory runs out, or says that it cannot create a primitive."""
    line = rf"^test: out of memory: {NEVER} bytes more were asked for; lower the width of the"
    with pytest.raises(JobError, match=line):
        run_isolated(after("layer", work), "test", LIMITS._replace(room=NEVER))


@pytest.mark.parametrize(
    ("part", "work", "expected"),
    [
        ("layer", ask_for_more, "out of memory: 1073741824 bytes more were asked for; lower the"),
        ("", ask_for_more, "out of memory: 1073741824 bytes more were asked for; lower the"),
        ("layer", lambda: os.kill(os.getpid(), signal.SIGKILL), "ended by SIGKILL, as where the"),
        ("layer", lambda: os._exit(1), "its process ended with status 1$"),
        ("", refuse, "could not create a primitive$"),
        ("", signal.pause, "its process did not start; is there too little memory"),
    ],
)
def test_what_says_nothing_about_kernels_is_an_error_of_the_job(
    part: str, work: Callable[[], object], expected: str
) -> None:
    seconds = 1 if work is signal.pause else LIMITS.seconds
    with pytest.raises(JobError, match=f"^test: {expected}"):
        run_isolated(after(part, work), "test", LIMITS._replace(seconds=seconds))


def test_a_fork_that_the_kernel_refuses_is_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise OSError(12, os.strerror(12))

    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(JobError, match=r"^test: out of memory; lower the width of the network$"):
        run_isolated(after("layer", crash), "test", LIMITS)
