"""Kill a step before each change that it makes to files, and check what is left.

    python -m tests.core.artifacts.killed (restore|publish) FOLDER STRIDE

Each try is a fork of this process, which runs nothing else; Python's audit events say what is about
to be done. With a stride of 10 every tenth change is tried. Prints how many were.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from loft.core.artifacts import publish, restore
from tests.core.artifacts import toy

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate", "os.chmod"}
publish._finished = lambda path: None  # there is no graph here


def killed_at(moment: int, step: Callable[[], object]) -> bool:
    """Run a step in the current folder up to a change; return whether it had so many."""
    child = os.fork()
    if child == 0:
        left = iter(range(moment))
        here = Path.cwd()

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            written = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
            if (event in CHANGES or written) and not str(arguments[0]).startswith("/proc"):
                path = Path.cwd() / os.fsdecode(arguments[0])  # type: ignore[arg-type]
                if path.is_relative_to(here) and next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        step()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status != 0


def restoring(folder: Path, stride: int) -> int:
    """The folder has one version, and fetches another."""
    start = folder.with_name("start")
    old, new = toy.version("one"), toy.version("two")
    before = toy.content(folder)
    shutil.copytree(folder, start)
    for moment in count(0, stride):
        if not killed_at(moment, restore.restore):
            return moment // stride
        left = toy.content(folder)
        recorded = any(path in left for path in new if path.parent == toy.RECORDS)
        assert not recorded or holds(left, old) or holds(left, new), moment
        assert not killed_at(10**9, restore.restore)
        after = toy.content(folder)
        assert after == {**before, **new}, moment
        assert not [*folder.rglob(".loft-*")], moment
        shutil.rmtree(folder)
        shutil.copytree(start, folder)
        os.chdir(folder)
    raise AssertionError


def publishing(folder: Path, stride: int) -> int:
    """The remote has one version, and is sent another."""
    start, reader = folder.with_name("start"), folder.with_name("reader")
    old, new = toy.version("one"), toy.version("two")
    shutil.copytree(folder, start)
    lock = (folder / "dvc.lock").read_bytes()
    for moment in count(0, stride):
        if not killed_at(moment, publish.publish):
            return moment // stride
        toy.clone(folder, reader)
        if (complete := fetched(reader)) != new:
            (reader / "dvc.lock").write_bytes(lock)  # what is committed
            complete = fetched(reader)
            assert complete == old, (moment, complete)
        shutil.rmtree(reader)
        os.chdir(folder)
        assert not killed_at(10**9, publish.publish)
        assert fetched(toy.clone(folder, reader)) == new, moment
        shutil.rmtree(reader)
        shutil.rmtree(folder)
        shutil.copytree(start, folder)
        os.chdir(folder)
    raise AssertionError


def holds(files: dict[Path, str], version: dict[Path, str]) -> bool:
    """Return whether a version's files are there, whatever the records are."""
    made = {path: text for path, text in version.items() if not path.is_relative_to(toy.RECORDS)}
    return made.items() <= files.items()


def fetched(folder: Path) -> dict[Path, str]:
    """Return what a clone gets, if it can be fetched."""
    os.chdir(folder)
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        restore.restore()
        os._exit(0)
    os.waitpid(child, 0)
    return toy.content(folder)


if __name__ == "__main__":
    step, folder, stride = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    os.chdir(folder)
    print({"restore": restoring, "publish": publishing}[step](folder, stride))
