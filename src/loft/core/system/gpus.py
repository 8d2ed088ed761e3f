"""List the GPUs of this machine without importing torch, which takes seconds.

The driver's tool `nvidia-smi` gives the memory of each GPU. Where the tool is missing, the kernel's
list gives only their number.
"""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from loft.core.system.devices import VARIABLE

QUERY = ["nvidia-smi", "--query-gpu=uuid,memory.total", "--format=csv,noheader,nounits"]
LISTED = Path("/proc/driver/nvidia/gpus")
TIMEOUT = 30  # seconds for the driver to answer
MIB = 2**20  # bytes


class Card(NamedTuple):
    """A GPU or a part of one: its name, and its memory in bytes where it is known."""

    name: str
    memory: int | None


def cards() -> list[Card]:
    """Return the GPUs that CUDA_VISIBLE_DEVICES lets this process use."""
    named = os.environ.get(VARIABLE)
    found = _found()
    if named is None or not found:
        return found
    chosen = []
    for name in (name.strip() for name in named.split(",")):
        card = _called(name, found)
        if card is None:  # CUDA ignores the names from here on
            break
        chosen.append(card)
    return chosen


def _found() -> list[Card]:
    try:
        run = subprocess.run(QUERY, capture_output=True, text=True, check=True, timeout=TIMEOUT)
        rows = [line.split(",") for line in run.stdout.splitlines() if line.strip()]
        return [Card(name.strip(), _bytes(memory)) for name, memory in rows]
    except (OSError, subprocess.SubprocessError, ValueError):
        return [Card("", None) for _ in LISTED.glob("*")]


def _bytes(memory: str) -> int | None:
    """Convert the tool's text in MiB to bytes, or to None where the tool does not know."""
    text = memory.strip()
    return MIB * int(text) if text.isdecimal() else None


def _called(name: str, found: list[Card]) -> Card | None:
    """Return the GPU with a number or a prefix of its name; the memory of a part is unknown."""
    if name.isdecimal():
        return found[int(name)] if int(name) < len(found) else None
    if name.startswith("MIG-"):
        return Card(name, None)
    fitting = [card for card in found if name and card.name.startswith(name)]
    return fitting[0] if fitting else None
