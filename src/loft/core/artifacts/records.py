"""Find Snakemake's records of how files were made, and its marks on incomplete outputs."""

import base64
import binascii
from collections.abc import Collection, Iterator
from pathlib import Path

from loft.core.errors import UserError
from loft.core.files.run_paths import results_folder

RECORDS = Path(
    ".snakemake/metadata"
)  # one JSON file for each output; its name is the output's in base64
INCOMPLETE = Path(
    ".snakemake/incomplete"
)  # the same names, for outputs of jobs that have not ended
LOCKS = Path(".snakemake/locks")


def require_idle() -> None:
    """Raise UserError where Snakemake is running in this folder."""
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
    """Remove the marks of interrupted jobs from files that are complete now."""
    for file, made in [*_named(INCOMPLETE)]:
        if Path(made) in paths:
            file.unlink()


def _named(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each record and the name of its output.

    A long name is split over folders whose names begin with @.
    """
    for file in sorted(folder.rglob("*")):
        name = "".join(part.removeprefix("@") for part in file.relative_to(folder).parts)
        try:
            made = base64.urlsafe_b64decode(name).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if file.is_file():
            yield file, made
