"""Memory: glibc's allocator told to keep what a step of training frees, and none left in one line.

Every step frees its tensors and the next one takes as much again. By default glibc gives such
blocks back to the kernel, which fills them with zeros, page by page, whenever they are taken again.
Kept blocks on huge pages save that. Bits stay the same; other C libraries take no notice.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from loft.core.errors import JobError

VARIABLE = "GLIBC_TUNABLES"
KEPT = 2**36  # bytes: no block or rest of memory is as large
SETTINGS = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in {"hugetlb": 1, "mmap_threshold": KEPT, "trim_threshold": KEPT}.items()
)


def tune_allocator() -> None:
    """Set up processes that are started from here on, unless the user set something, even ''."""
    os.environ.setdefault(VARIABLE, SETTINGS)


@contextmanager
def explain_out_of_memory(what: str, lower: str = "") -> Iterator[None]:
    """Say in one line that memory did not suffice: a GPU's, the machine's or a limit's.

    Args:
        what: the job.
        lower: the keys of a params file that lower what it needs.

    Raises:
        JobError: an allocation failed.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch raises the latter, on GPUs a kind of it
        text = str(error)
        asked = re.search(r"ried to allocate ([\d.]+ \w+)", text)
        if asked is not None:
            line = f"{what}: out of memory{_on_gpu(text)}: {asked[1]} more were asked for"
        elif isinstance(error, MemoryError) or "Cannot allocate memory" in text:
            line = f"{what}: out of memory"
        else:
            raise
        raise JobError(line + (f"; lower {lower}" if lower else "")) from None


def _on_gpu(text: str) -> str:
    """Return what torch says of a full GPU: what was free of it, and what the process held."""
    gpu = re.search(
        r"GPU (\d+) has a total capacity of ([\d.]+ \w+) of which ([\d.]+ \w+) is", text
    )
    held = re.search(r"this process has ([\d.]+ \w+) memory in use", text)
    if gpu is None:
        return ""
    own = f" beside {held[1]} that the job holds" if held else ""
    return f" on GPU {gpu[1]}, {gpu[3]} free of {gpu[2]}{own}"
