"""Check that DVC can lock its files: it waits for its lock forever where there are no locks."""

import tempfile
from pathlib import Path

from loft.core.errors import UserError
from loft.core.files.atomic import writing
from loft.core.processes.file_locks import NoLocksError, lock


def require_locks(folder: Path) -> None:
    """Raise UserError where the file system of a folder has no locks."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            try:
                lock(file)
            except NoLocksError as error:
                cause = error.__cause__
                reason = getattr(cause, "strerror", None) or cause
                raise UserError(
                    f"{folder}: no file can be locked here: {reason}; expected a file system with"
                    " locks, such as a local disk's"
                ) from None
