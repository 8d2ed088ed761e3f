"""Fetch a run's stored files, check them and put them in their places."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from loft.core.artifacts import records
from loft.core.artifacts.replace_files import recover, replace_files
from loft.core.artifacts.runs import (
    RECORDS_FOLDER,
    default_run,
    dvc_files,
    params_file,
)
from loft.core.artifacts.store import Store, Stored, md5_of
from loft.core.errors import UserError
from loft.core.files.run_paths import results_folder


def restore(run: str | None = None, remote: str | None = None, force: bool = False) -> str:
    """Fetch a run's stored files, so that Snakemake has nothing to do.

    Files that were not stored stay, as do the records of other runs.

    Args:
        run: name of the run; None means the default run.
        remote: name of the DVC remote to fetch from; None means the one the run was published to.
        force: replace files that differ from the stored ones.

    Returns:
        The run's name.

    Raises:
        UserError: there is no such run or remote, the run was never published, a local file
            differs, or Snakemake is running in this folder.
        JobError: a file is missing or damaged in the remote, or cannot be written here; all local
            files are as they were before.
    """
    run = run or default_run()
    params_file(run)
    named = [default_run()] if run == default_run() else [str(path) for path in dvc_files(run)]
    if not named:
        raise UserError(f"run '{run}' was never published: no .dvc file in {results_folder(run)}")
    with Store() as store:
        records.require_idle()
        stored = store.fetch(named, remote)
        made = [file for file in stored if file.path.is_relative_to(records.RECORDS)]
        made += _travelled(stored, results_folder(run) / RECORDS_FOLDER)
        files = [file for file in stored if file not in made]
        files = _changed(store, files, force)
        made = _changed(store, made, force=True)
        recover(store.folders(named), records.RECORDS)
        replace_files(
            {file.path: file.copy for file in files}, {file.path: file.copy for file in made}
        )
        records.unmark_incomplete({file.path for file in stored})
    return run


def _travelled(stored: Sequence[Stored], folder: Path) -> list[Stored]:
    """Return the stored records of a run, with the paths where Snakemake looks for them."""
    return [
        replace(file, path=records.RECORDS / file.path.relative_to(folder))
        for file in stored
        if file.path.is_relative_to(folder)
    ]


def _changed(store: Store, stored: Sequence[Stored], force: bool) -> list[Stored]:
    """Return the stored files that are missing here or differ.

    Raises:
        UserError: a local file differs and would be lost.
    """
    changed = []
    for file in stored:
        if file.path.is_dir():
            raise UserError(f"{file.path}: found a folder; expected a file")
        found = _found(file.path)
        if found == file.md5:
            continue
        if found is not None and not force and not store.has_copy(found):
            raise UserError(
                f"{file.path}: differs from what is stored, and is stored nowhere itself;"
                " --force replaces it"
            )
        changed.append(file)
    return changed


def _found(path: Path) -> str | None:
    """Return the MD5 of a file, or None where there is none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return md5_of(file)
