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


def announce() -> None:
    """Set up processes that are started from here on, unless the user set something, even ''."""
    os.environ.setdefault(VARIABLE, SETTINGS)


@contextmanager
def one_line(what: str) -> Iterator[None]:
    """Say in one line that memory did not suffice: a GPU's, the machine's or a limit's.

    Raises:
        JobError: an allocation failed.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch raises the latter, on GPUs a kind of it
        asked = re.search(r"ried to allocate ([\d.]+ \w+)", str(error))
        if asked is not None:
            raise JobError(f"{what}: out of memory: {asked[1]} more were asked for") from None
        if isinstance(error, MemoryError) or "Cannot allocate memory" in str(error):
            raise JobError(f"{what}: out of memory") from None
        raise
