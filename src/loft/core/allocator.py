"""glibc's memory allocator, told to keep what a step of training frees.

Every step frees its tensors and the next one takes as much again. By default glibc gives such
blocks back to the kernel, which fills them with zeros, page by page, whenever they are taken again.
Kept blocks on huge pages save that. Bits stay the same; other C libraries take no notice.
"""

import os

VARIABLE = "GLIBC_TUNABLES"
KEPT = 2**36  # bytes: no block or rest of memory is as large
SETTINGS = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in {"hugetlb": 1, "mmap_threshold": KEPT, "trim_threshold": KEPT}.items()
)


def announce() -> None:
    """Set up processes that are started from here on, unless the user set something, even ''."""
    os.environ.setdefault(VARIABLE, SETTINGS)
