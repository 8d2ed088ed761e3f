"""Store the files of a finished run; the reverse of restoring them."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from loft.core.artifacts import records
from loft.core.artifacts.replace_files import recover
from loft.core.artifacts.runs import (
    RECORDS_FOLDER,
    default_run,
    dvc_files,
    params_file,
)
from loft.core.artifacts.store import LOCK, Store, Stored
from loft.core.errors import JobError, UserError
from loft.core.files.atomic import write_bytes, writing
from loft.core.files.run_paths import results_folder
from loft.core.settings.params_file import read_yaml

BUNDLED, NAMED = Path("artifacts"), "bundled"  # the remote inside the repository
ROOM = 48_000_000  # most bytes in the remote inside the repository, which every clone downloads


def publish(run: str | None = None, remote: str | None = None) -> list[str]:
    """Store a run's files; the reverse of `restore`.

    What was stored before stays complete until all new files are stored and checked in the remote.

    Args:
        run: name of the run; None means the default run.
        remote: name of a DVC remote; None means the one inside the repository, which takes only the
            default run.

    Returns:
        The paths to commit to git, so that others can fetch the run.

    Raises:
        UserError: there is no such run or remote, the run is not finished, it needs a remote, or
            Snakemake is running in this folder.
        JobError: a file cannot be stored or is damaged in the remote, or the files are too large.
    """
    run = run or default_run()
    path = params_file(run)
    if run != default_run() and remote is None:
        raise UserError(
            f"run '{run}' needs --remote NAME: the one in {BUNDLED}/ has room for the default run"
            " alone; `dvc remote add NAME URL` adds one"
        )
    with Store() as store:
        records.require_idle()
        store.require(remote or NAMED)
        recover([results_folder(run)], records.RECORDS)
        _finished(path)
        if run != default_run():
            assert remote is not None
            _publish_own(store, run, remote)
            return [".dvc/config", str(results_folder(run))]
        with _kept_on_failure([LOCK]):
            files = store.commit(run)
            if remote is not None:
                store.push([run], remote)
                return [str(LOCK), ".dvc/config", str(results_folder(run))]
            _refuse_large(files)
            places = store.push([run], NAMED)
        _remove_others(places)
    return [str(LOCK), str(BUNDLED), str(results_folder(run))]


def _publish_own(store: Store, run: str, remote: str) -> None:
    """Store the results that git ignores, and name them in `.dvc` files."""
    travelling = results_folder(run) / RECORDS_FOLDER
    shutil.rmtree(travelling, ignore_errors=True)
    for file in records.of_run(run):
        write_bytes(travelling / file.relative_to(records.RECORDS), file.read_bytes())
    folders = sorted({*_ignored(run), travelling})
    names = [folder.with_name(f"{folder.name}.dvc") for folder in folders]
    with _kept_on_failure({*names, *dvc_files(run)}):
        for name in names:  # a kill may have left an incomplete one; all are written again
            name.unlink(missing_ok=True)
        store.add(folders, [str(name) for name in names])
        for name in dvc_files(run):
            pointer = read_yaml(name)
            pointer["outs"][0]["remote"] = remote
            write_bytes(name, yaml.safe_dump(pointer, sort_keys=False).encode())
        store.push([str(name) for name in dvc_files(run)], remote)


def _ignored(run: str) -> list[Path]:
    """Return the folders of a run's results that git ignores."""
    ignored = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory"]
    listed = _call("git", *ignored, "--", str(results_folder(run))).splitlines()
    return [Path(name) for name in listed if name.endswith("/")]


@contextmanager
def _kept_on_failure(paths: Iterable[Path]) -> Iterator[None]:
    """Restore the present content of files where the body fails."""
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                write_bytes(path, content)
        raise


def _refuse_large(files: Sequence[Stored]) -> None:
    size = sum(copy.stat().st_size for copy in {file.copy for file in files})
    if size > ROOM:
        raise JobError(f"{BUNDLED}: {size / 1e6:.1f} MB; expected at most {ROOM / 1e6:.0f} MB")


def _remove_others(places: set[str]) -> None:
    """Remove files of earlier publications from the remote inside the repository."""
    with writing(BUNDLED):
        for path in sorted(BUNDLED.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif str(path.absolute()) not in places:
                path.unlink()


def _finished(path: Path) -> None:
    said = _call(sys.executable, "-m", "snakemake", "--dry-run", "--configfile", str(path))
    if "Nothing to be done" not in said:
        raise UserError(f"{path}: not all of it is made; `snakemake --cores all` first")


def _call(*command: str) -> str:
    """Run a command and return its output. Raises JobError with its errors where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UserError(f"{command[0]}: no such command; `loft publish` needs it") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        errors = [line for line in said if line.startswith("ERROR")] or said[-1:]
        shown = " ".join(command[2:4] if command[1] == "-m" else command[:2])
        raise JobError(f"{shown}: {' '.join(' '.join(errors).split())}")
    return done.stdout + done.stderr
