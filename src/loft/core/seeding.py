"""Make random streams that depend only on their name, not on who draws from them or when.

The name of a stream is a purpose and integer counters, such as ("order", seed, epoch, worker).
Philox is a counter-based generator: equal names give equal streams on every rank and device.
"""

import zlib

import numpy as np


def stream(purpose: str, *counters: int) -> np.random.Generator:
    """Return the generator of the stream that `purpose` and `counters` name."""
    key = np.random.SeedSequence([zlib.crc32(purpose.encode()), *counters])
    return np.random.Generator(np.random.Philox(key))


def torch_seed(purpose: str, *counters: int) -> int:
    """Return a seed for torch's own generators, from the stream of the same name."""
    return int(stream(purpose, *counters).integers(2**63 - 1))
