"""Whether files can be locked here; DVC, asked to wait for its lock, would wait for ever if not."""

import fcntl
import tempfile
from pathlib import Path

from loft.core.errors import UserError
from loft.core.files.atomic import writing


def require(folder: Path) -> None:
    """Raise UserError where a folder's file system has no locks."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(
                    f"{folder}: no file can be locked here: {error.strerror}; expected a file"
                    " system with locks, such as a local disk's"
                ) from None
