"""Make glibc keep the memory that a training step frees; report a lack of memory in one line.

Each training step frees its tensors and the next step allocates as much again. By default glibc
returns such blocks to the kernel, which fills them with zeros, page by page, at each allocation.
Keeping the blocks on huge pages saves that time. Results do not change; other C libraries ignore
the setting.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from loft.core.errors import JobError

VARIABLE = "GLIBC_TUNABLES"
KEPT = 2**36  # bytes; larger than any block, so that glibc never returns memory
SETTINGS = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in {"hugetlb": 1, "mmap_threshold": KEPT, "trim_threshold": KEPT}.items()
)

LACKING = ("Cannot allocate memory", "std::bad_alloc")  # as the kernel and C++ say it


def tune_allocator() -> None:
    """Set the variable for processes started later, unless the user has set it, even to ''."""
    os.environ.setdefault(VARIABLE, SETTINGS)


@contextmanager
def explain_out_of_memory(what: str, lower: str = "") -> Iterator[None]:
    """Turn a failed allocation, on a GPU or in main memory, into an error of one line.

    Args:
        what: name of the job.
        lower: keys of a params file that reduce the memory it needs.

    Raises:
        JobError: an allocation failed.
    """
    try:
        yield
    except (MemoryError, OSError, RuntimeError) as error:  # torch's are RuntimeErrors
        text = str(error)
        asked = re.search(r"ried to allocate ([\d.]+ \w+)", text)
        if asked is not None:
            line = f"{what}: out of memory{_on_gpu(text)}: {asked[1]} more were asked for"
        elif isinstance(error, MemoryError) or any(said in text for said in LACKING):
            line = f"{what}: out of memory"
        else:
            raise
        raise JobError(line + (f"; lower {lower}" if lower else "")) from None


def _on_gpu(text: str) -> str:
    """Return how much of the GPU was free and how much this process held, from torch's text."""
    gpu = re.search(
        r"GPU (\d+) has a total capacity of ([\d.]+ \w+) of which ([\d.]+ \w+) is", text
    )
    held = re.search(r"this process has ([\d.]+ \w+) memory in use", text)
    if gpu is None:
        return ""
    own = f" beside {held[1]} that the job holds" if held else ""
    return f" on GPU {gpu[1]}, {gpu[3]} free of {gpu[2]}{own}"
