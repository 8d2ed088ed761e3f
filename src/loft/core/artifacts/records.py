"""Snakemake's records of how files were made, and its marks on what is under way."""

import base64
import binascii
from collections.abc import Collection, Iterator
from pathlib import Path

from loft.core.artifacts.runs import results_folder
from loft.core.errors import UserError

RECORDS = Path(".snakemake/metadata")  # one JSON file to each output, named after it in base64
INCOMPLETE = Path(".snakemake/incomplete")  # the same names: outputs of jobs that have not ended
LOCKS = Path(".snakemake/locks")


def require_idle() -> None:
    """Raise UserError where Snakemake is at work in this folder."""
    if LOCKS.exists() and any(LOCKS.iterdir()):
        raise UserError(
            "snakemake is at work in this folder; wait for it"
            " (or, where it was killed: snakemake --unlock)"
        )


def of_run(run: str) -> list[Path]:
    """Return the records of a run's files."""
    named = _named(RECORDS)
    return [file for file, made in named if made.startswith(f"{results_folder(run)}/")]


def unmark_incomplete(paths: Collection[Path]) -> None:
    """Take back that jobs were interrupted when they made files, which are whole now."""
    for file, made in [*_named(INCOMPLETE)]:
        if Path(made) in paths:
            file.unlink()


def _named(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file with the output it is about.

    A long name is spread over folders that begin by @.
    """
    for file in sorted(folder.rglob("*")):
        name = "".join(part.removeprefix("@") for part in file.relative_to(folder).parts)
        try:
            made = base64.urlsafe_b64decode(name).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if file.is_file():
            yield file, made
