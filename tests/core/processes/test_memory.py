"""What glibc's allocator does with freed blocks, by the kernel's count of pages filled."""

import os
import platform
import subprocess
import sys

import pytest
import torch

from loft.core.errors import JobError
from loft.core.processes import memory

BLOCKS, SIZE = 10, 2**26
FAULTS = f"""
import resource
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({BLOCKS}):
    b"x" * {SIZE}
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults() -> int:
    """Take and free blocks in a fresh process; return the pages that the kernel filled."""
    command = [sys.executable, "-c", FAULTS]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc alone")
def test_a_freed_block_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, "")
    default = faults()
    monkeypatch.delenv(memory.VARIABLE)
    memory.tune_allocator()
    assert faults() < 1.5 * default / BLOCKS


def test_what_a_user_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, "glibc.malloc.check=1")
    memory.tune_allocator()
    assert os.environ[memory.VARIABLE] == "glibc.malloc.check=1"


def test_no_memory_is_one_line() -> None:
    line = r"^here: out of memory: \d+ bytes more were asked for$"
    with pytest.raises(JobError, match=line), memory.explain_out_of_memory("here"):
        torch.empty(2**60, dtype=torch.uint8)


def test_a_full_gpu_is_one_line_with_what_helps() -> None:
    said = (
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB "
        "of which 1.20 GiB is free. Including non-PyTorch memory, this process has 70.10 GiB "
        "memory in use. Of the allocated memory 60.00 GiB is allocated by PyTorch"
    )
    line = (
        "here: out of memory on GPU 0, 1.20 GiB free of 79.11 GiB beside 70.10 GiB that the job "
        "holds: 2.00 GiB more were asked for; lower a.key"
    )
    with pytest.raises(JobError) as error, memory.explain_out_of_memory("here", "a.key"):
        raise torch.OutOfMemoryError(said)
    assert str(error.value) == line


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(12, os.strerror(12)), RuntimeError("std::bad_alloc")]
)
def test_no_memory_is_known_whoever_says_so(error: Exception) -> None:
    with (
        pytest.raises(JobError, match=r"^here: out of memory$"),
        memory.explain_out_of_memory("here"),
    ):
        raise error


def test_another_error_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory.explain_out_of_memory("here"):
        raise RuntimeError("shapes")
    with pytest.raises(FileNotFoundError), memory.explain_out_of_memory("here"):
        raise FileNotFoundError(2, "no such file", "a.png")
