"""Store files in DVC and fetch them, and check the bytes of every copy.

DVC names files, and lists of a folder's files, by their MD5. It trusts the names of copies in its
cache and in remotes. Here each copy is read and compared with its name before it is used and after
it was sent.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from dvc.config import ConfigError
from dvc.exceptions import DvcException
from dvc.output import Output
from dvc.repo import Repo, lock_repo
from dvc_data.hashfile.db import HashFileDB

from loft.core.artifacts.dvc_lock import require_locks
from loft.core.errors import JobError, UserError

Names = Mapping[str, Path]  # MD5 -> a file or folder with that content
LOCK = Path("dvc.lock")  # DVC's record of the default run's files
OWN = {
    "core": {"no_scm": True},  # a folder from a ZIP file is not a git repository
    "cache": {"type": ["reflink", "copy"]},  # no links: Snakemake rewrites files in place
}


@dataclass(frozen=True)
class Stored:
    """A file that DVC stores: its place, its MD5, and its copy in DVC's cache."""

    path: Path
    md5: str
    copy: Path


class Store:
    """The DVC store of the project in the current folder, locked for one process at a time.

    Other processes wait, including dvc's own commands. Use it as a context manager.
    """

    def __enter__(self) -> Self:
        logging.getLogger("dvc").setLevel(logging.CRITICAL)  # its messages would precede our line
        require_locks(Path(".dvc/tmp"))
        with dvc_errors():
            self._repo = Repo(config=OWN, _wait_for_lock=True)
            self._lock = lock_repo(self._repo)
            self._lock.__enter__()
        self._cache = self._repo.cache.local
        return self

    def __exit__(self, *error: object) -> None:
        self._lock.__exit__(None, None, None)
        self._repo.close()

    def folders(self, targets: Sequence[str]) -> list[Path]:
        """Return the outputs of stages or `.dvc` files."""
        return [self._place(out) for out in self._outputs(targets)]

    def require(self, remote: str) -> None:
        """Raise UserError where there is no such remote."""
        self._remote(remote)

    def fetch(self, targets: Sequence[str], remote: str | None) -> list[Stored]:
        """Fetch the files of targets into DVC's cache; change nothing else.

        Args:
            targets: stages or `.dvc` files.
            remote: name; None means the remote that the `.dvc` file names, else the default one.

        Raises:
            UserError: there is no such remote, or the targets were never stored.
            JobError: a file is missing or damaged in the remote.
        """
        stored = []
        for out in self._outputs(targets):
            if not out.hash_info:
                raise UserError(f"{self._place(out)}: was never stored; `loft publish` stores it")
            name, source = self._remote(remote or out.remote)
            self._copy(source, self._cache, self._lists([out]), f"remote '{name}'")
            files = self._files(out)
            self._copy(source, self._cache, _names(files), f"remote '{name}'")
            stored += files
        return stored

    def commit(self, target: str) -> list[Stored]:
        """Record a stage's files and copy them to DVC's cache."""
        try:
            self._outputs([target])
        except JobError:  # DVC was killed while it wrote the record; it writes a new one below
            LOCK.unlink(missing_ok=True)
        return self._kept([target], lambda: self._repo.commit(target, force=True, relink=False))

    def add(self, folders: Sequence[Path], pointers: Sequence[str]) -> list[Stored]:
        """Record folders in `.dvc` files beside them and copy their files to DVC's cache."""
        given = [str(folder) for folder in folders]
        return self._kept(pointers, lambda: self._repo.add(given, relink=False))

    def push(self, targets: Sequence[str], remote: str) -> set[str]:
        """Send the recorded files to a remote and check them there.

        Other files in the remote stay.

        Returns:
            The paths of the files in the remote.

        Raises:
            JobError: a file cannot be sent, or is damaged in the remote.
        """
        name, target = self._remote(remote)
        outs = self._outputs(targets)
        lists = self._lists(outs)
        files = _names([file for out in outs for file in self._files(out)])
        self._copy(self._cache, target, files, f"remote '{name}'")
        # Lists come last: a list promises that its files are there.
        self._copy(self._cache, target, lists, f"remote '{name}'")
        return {target.oid_to_path(md5) for md5 in [*lists, *files]}

    def has_copy(self, md5: str) -> bool:
        """Return whether DVC's cache has a file with this MD5."""
        return bool(self._cache.exists(md5))

    def _outputs(self, targets: Sequence[str]) -> list[Output]:
        with dvc_errors():
            stages = [
                info.stage for name in targets for info in self._repo.stage.collect_granular(name)
            ]
        return [out for stage in stages for out in stage.outs if out.use_cache]

    def _place(self, out: Output) -> Path:
        return Path(out.fs_path).relative_to(self._repo.root_dir)

    def _remote(self, name: str | None) -> tuple[str, HashFileDB]:
        known = self._repo.config["remote"]
        name = name or self._repo.config["core"].get("remote")
        if name not in known:
            raise UserError(f"--remote: found '{name}'; expected one of {', '.join(known)}")
        with dvc_errors():
            return name, self._repo.cloud.get_remote_odb(name)

    def _lists(self, outs: Sequence[Output]) -> Names:
        return {out.hash_info.value: self._place(out) for out in outs}

    def _files(self, out: Output) -> list[Stored]:
        """Return the files of an output; the list of a folder's files must be in the cache."""
        place, md5 = self._place(out), out.hash_info.value
        copy = Path(self._cache.oid_to_path(md5))
        if not out.hash_info.isdir:
            return [Stored(place, md5, copy)]
        listed = [
            (place / entry["relpath"], entry["md5"]) for entry in json.loads(copy.read_bytes())
        ]
        return [Stored(path, md5, Path(self._cache.oid_to_path(md5))) for path, md5 in listed]

    def _kept(self, targets: Sequence[str], record: Callable[[], object]) -> list[Stored]:
        """Record files; remove damaged copies from the cache and record again."""

        def again() -> None:
            with dvc_errors():
                record()

        again()
        self._mend(self._cache, self._lists(self._outputs(targets)), again, "DVC's cache")
        files = [file for out in self._outputs(targets) for file in self._files(out)]
        self._mend(self._cache, _names(files), again, "DVC's cache")
        return files

    def _copy(self, source: HashFileDB, target: HashFileDB, names: Names, where: str) -> None:
        """Copy files that the target lacks, and check all of them in the target."""

        def send() -> None:
            failed: list[tuple[str, BaseException]] = []
            with dvc_errors():
                missing = [*({*names} - {*target.oids_exist([*names])})]  # type: ignore[no-untyped-call]
                sources = [source.oid_to_path(md5) for md5 in missing]
                target.add(sources, source.fs, missing, on_error=lambda *what: failed.append(what))
            for md5, error in failed:
                if isinstance(error, FileNotFoundError):
                    raise JobError(f"{names[md5]}: not in {where}")
                raise JobError(f"{names[md5]}: {where}: {_line(error)}")

        send()
        self._mend(target, names, send, where)

    def _mend(self, there: HashFileDB, names: Names, again: Callable[[], None], where: str) -> None:
        """Remove damaged copies and make them again. Raises JobError where one is still damaged."""
        if self._remove_damaged(there, names):
            again()
            for md5, found in self._remove_damaged(there, names).items():
                expected = md5.removesuffix(".dir")
                raise JobError(
                    f"{names[md5]}: damaged in {where}: found {found}; expected MD5 {expected}"
                )

    @staticmethod
    def _remove_damaged(there: HashFileDB, names: Names) -> dict[str, str]:
        """Remove copies whose bytes differ from their names; return what was found instead."""
        damaged = {}
        for name in names:
            path = there.oid_to_path(name)
            with dvc_errors():
                try:
                    with there.fs.open(path, "rb") as file:
                        found = f"MD5 {md5_of(file)}"
                except FileNotFoundError:  # DVC has removed the damaged copy already
                    damaged[name] = "no file"
                    continue
                if found != f"MD5 {name.removesuffix('.dir')}":
                    damaged[name] = found
                    there.fs.remove(path)
        return damaged


def _names(files: Sequence[Stored]) -> Names:
    return {file.md5: file.path for file in files}


def md5_of(file: BinaryIO) -> str:
    """Return the MD5 of an open file, from the current position to the end."""
    digest = hashlib.md5(usedforsecurity=False)
    while part := file.read(2**20):
        digest.update(part)
    return digest.hexdigest()


@contextmanager
def dvc_errors() -> Iterator[None]:
    """Turn an exception of DVC, or of a cloud's library, into one line.

    Raises:
        UserError: DVC's settings are wrong.
        JobError: any other exception; these libraries raise many kinds.
    """
    try:
        yield
    except (UserError, JobError):
        raise
    except ConfigError as error:
        raise UserError(f"dvc: {_line(error)}") from None
    except DvcException as error:
        raise JobError(f"dvc: {_line(error)}") from None
    except Exception as error:
        raise JobError(f"dvc: {type(error).__name__}: {_line(error)}") from None


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())
