"""Files come to their places together or not at all."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from loft.core.artifacts.replace_files import BEFORE, FETCHED, recover, replace_files
from loft.core.errors import JobError


def tree(folder: Path) -> dict[str, str | None]:
    """Everything below a folder, empty folders too."""
    found = sorted(folder.rglob("*"))
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else None
        for path in found
    }


@pytest.fixture
def files(tmp_path: Path) -> dict[Path, Path]:
    """Three files to be put in places, of which one is taken."""
    sources = tmp_path / "sources"
    sources.mkdir()
    names = ["a/one", "a/b/two", "c/three"]
    there = tmp_path / "there"
    (there / "a").mkdir(parents=True)
    (there / "a" / "one").write_text("before")
    for number, name in enumerate(names):
        (sources / str(number)).write_text(name)
    return {there / name: sources / str(number) for number, name in enumerate(names)}


def test_all_are_in_their_places(files: dict[Path, Path], tmp_path: Path) -> None:
    replace_files(files, {})
    assert {path: path.read_text() for path in files} == {
        path: source.read_text() for path, source in files.items()
    }
    assert not [*tmp_path.rglob(".loft-*")]


@pytest.mark.parametrize("step", ["copyfile", "rename", "mkdir"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_where_any_step_fails_all_is_as_it_was(
    files: dict[Path, Path], monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    there = next(iter(files)).parents[1]
    (there / "record").write_text("before")
    records = {there / "record": next(iter(files.values()))}
    before = tree(there)
    owner: Any = shutil if step == "copyfile" else Path
    usual: Callable[..., Any] = getattr(owner, step)
    for moment in count(1):
        left = iter(range(moment))

        def fail(*given: Any, left: Any = left, moment: int = moment, **options: Any) -> Any:
            if next(left, None) == moment - 1:
                raise error
            return usual(*given, **options)

        with monkeypatch.context() as patch:
            patch.setattr(owner, step, fail)
            try:
                replace_files(files, records)
                break
            except (JobError, OSError, KeyboardInterrupt):
                assert tree(there) == before, moment
    assert moment > 4


def test_what_a_kill_left_is_cleared_up(tmp_path: Path) -> None:
    """A file in mid-exchange comes back; one that is there stays; a record goes."""
    folder, records = tmp_path / "net", tmp_path / "metadata"
    for below in (folder, records):
        for left in (BEFORE, FETCHED):
            (below / left).mkdir(parents=True)
            for name in ("taken", "missing"):
                (below / left / name).write_text(left)
        (below / "taken").write_text("here")
    recover([folder, records], records)
    assert tree(folder) == {"missing": BEFORE, "taken": "here"}
    assert tree(records) == {"taken": "here"}


def test_links_are_replaced_not_followed(files: dict[Path, Path], tmp_path: Path) -> None:
    path = next(iter(files))
    mine = tmp_path / "mine"
    mine.write_text("mine")
    path.unlink()
    path.symlink_to(mine)
    replace_files(files, {})
    assert not path.is_symlink()
    assert mine.read_text() == "mine"
