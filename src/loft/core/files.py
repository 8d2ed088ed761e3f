"""Files that appear whole or not at all: written under a temporary name, synced and renamed."""

import os
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically, making its folder where needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
