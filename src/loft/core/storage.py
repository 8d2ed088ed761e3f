"""Storing what a run made, and fetching it again: DVC's part, and what Snakemake knows of it.

The default run is the one stage of `dvc.yaml`; its files are in the remote inside the repository.
Any other run's go to a remote of the user's own and are named by `.dvc` files beside its results.
With them travels Snakemake's record of how each was made: without it Snakemake would go by time
stamps, which say nothing on a clone, and run everything again.
"""

import base64
import binascii
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from loft.core.config import read_yaml
from loft.core.errors import JobError, UserError

STAGE = Path("dvc.yaml")
BUNDLED = Path("artifacts")  # the remote inside the repository
ROOM = 10_000_000  # bytes that a clone should carry, at most
RECORD = Path(".snakemake/metadata")  # one JSON file to each output, named after it in base64
LOCKS = Path(".snakemake/locks")
TRAVELLING = "record"  # a run's part of it, beside the run's results


def restore(run: str | None = None, remote: str | None = None, force: bool = False) -> str:
    """Fetch a run's stored files, so that Snakemake has nothing to do.

    Args:
        run: by name; None is the default run.
        remote: to fetch from, instead of the one the run was published to.
        force: replace files that differ from the stored ones.

    Returns:
        The run's name.

    Raises:
        UserError: there is no such run, it was never published, or Snakemake is at work here.
        JobError: DVC could not fetch it; what it said.
    """
    default = _default()
    run = run or default
    params(run)
    named = [default] if run == default else [str(path) for path in _pointers(run)]
    if not named:
        raise UserError(f"run '{run}' was never published: no .dvc file in {_results(run)}")
    given = [*(["--remote", remote] if remote else []), *(["--force"] if force else [])]
    with _set_aside():
        _dvc("pull", *given, *named)
        if run != default:
            shutil.copytree(_results(run) / TRAVELLING, RECORD, dirs_exist_ok=True)
    return run


def publish(run: str | None = None, remote: str | None = None) -> list[str]:
    """Store a run's files; the reverse of `restore`.

    Args:
        run: by name; None is the default run.
        remote: to store in; None is the one inside the repository, for the default run alone.

    Returns:
        What is to be committed to git for others to fetch the run.

    Raises:
        UserError: there is no such run, it is not finished, it needs a remote, or Snakemake is at
            work here.
        JobError: DVC could not store it; what it said.
    """
    default = _default()
    run = run or default
    path = params(run)
    if run != default and remote is None:
        raise UserError(
            f"run '{run}' needs --remote NAME: the one in {BUNDLED}/ has room for the default run"
            " alone; `dvc remote add NAME URL` adds one"
        )
    _still()
    _finished(path)
    if run != default:
        assert remote is not None
        _publish_own(run, remote)
        return [".dvc/config", str(_results(run))]
    _dvc("commit", "--force", run)
    if remote is not None:
        _dvc("push", "--remote", remote, run)
        return ["dvc.lock", ".dvc/config", str(_results(run))]
    shutil.rmtree(BUNDLED, ignore_errors=True)  # DVC's cache has it all; git would keep what is old
    _dvc("push", run)
    size = sum(file.stat().st_size for file in BUNDLED.rglob("*") if file.is_file())
    if size > ROOM:
        raise JobError(f"{BUNDLED}: {size / 1e6:.1f} MB; expected at most {ROOM / 1e6:.0f} MB")
    return ["dvc.lock", str(BUNDLED), str(_results(run))]


def _publish_own(run: str, remote: str) -> None:
    """Store what git leaves alone of a run's results, and name it in `.dvc` files."""
    results = _results(run)
    ignored = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory"]
    listed = _call("git", *ignored, "--", str(results)).splitlines()
    travelling = results / TRAVELLING
    folders = {Path(name) for name in listed if name.endswith("/")} - {travelling}
    shutil.rmtree(travelling, ignore_errors=True)
    for file in _records(run):
        (travelling / file.relative_to(RECORD)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, travelling / file.relative_to(RECORD))
    _dvc("add", *sorted(map(str, [*folders, travelling])))
    for path in _pointers(run):
        pointer = read_yaml(path)
        pointer["outs"][0]["remote"] = remote
        path.write_text(yaml.safe_dump(pointer, sort_keys=False), encoding="utf-8")
    _dvc("push", *map(str, _pointers(run)))


def params(run: str) -> Path:
    """Return the params file of a run. Raises UserError where none has its name."""
    names = {read_yaml(path).get("run"): path for path in sorted(Path("params").glob("*.yaml"))}
    if run not in names:
        raise UserError(f"--run: found '{run}'; expected one of {', '.join(map(str, names))}")
    return names[run]


def _default() -> str:
    if not STAGE.exists():
        raise UserError(f"no {STAGE} here; go to the project's folder first")
    (name,) = read_yaml(STAGE)["stages"]
    return str(name)


def _results(run: str) -> Path:
    return Path("results") / run


def _pointers(run: str) -> list[Path]:
    """A run's `.dvc` files."""
    return sorted(_results(run).rglob("*.dvc"))


def _records(run: str) -> Iterator[Path]:
    """Snakemake's records of a run's files. A long name is spread over folders that begin by @."""
    for file in sorted(RECORD.rglob("*")):
        name = "".join(part.removeprefix("@") for part in file.relative_to(RECORD).parts)
        try:
            made = base64.urlsafe_b64decode(name).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if file.is_file() and made.startswith(f"{_results(run)}/"):
            yield file


@contextmanager
def _set_aside() -> Iterator[None]:
    """Keep the records of what was made here from those that are fetched, which come first."""
    _still()
    aside = RECORD.with_name("metadata-here")
    if RECORD.exists():
        RECORD.rename(aside)
    try:
        yield
    except BaseException:
        if aside.exists():
            shutil.rmtree(RECORD, ignore_errors=True)
            aside.rename(RECORD)
        raise
    if aside.exists():
        for file in aside.rglob("*"):
            fetched = RECORD / file.relative_to(aside)
            if file.is_file() and not fetched.exists():
                fetched.parent.mkdir(parents=True, exist_ok=True)
                file.rename(fetched)
        shutil.rmtree(aside)


def _still() -> None:
    if LOCKS.exists() and any(LOCKS.iterdir()):
        raise UserError(
            "snakemake is at work in this folder; wait for it"
            " (or, where it was killed: snakemake --unlock)"
        )


def _finished(path: Path) -> None:
    said = _call(sys.executable, "-m", "snakemake", "--dry-run", "--configfile", str(path))
    if "Nothing to be done" not in said:
        raise UserError(f"{path}: not all of it is made; `snakemake --cores all` first")


def _dvc(*arguments: str) -> None:
    _call(sys.executable, "-m", "dvc", *arguments)


def _call(*command: str) -> str:
    """Run a command; return all it said. Raises JobError with its own words where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        errors = [line for line in said if line.startswith("ERROR")] or said[-1:]
        shown = " ".join(command[2:4] if command[1] == "-m" else command[:2])
        raise JobError(f"{shown}: {' '.join(' '.join(errors).split())}")
    return done.stdout + done.stderr
