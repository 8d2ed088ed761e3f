"""Publishing leaves either what was stored before or what is stored now, whole and checked."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from dvc_objects.fs.local import LocalFileSystem

from loft.core.artifacts import publish
from loft.core.artifacts.restore import restore
from loft.core.errors import JobError, UserError
from tests.core.artifacts import toy


def copies(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "artifacts").rglob("*") if path.is_file())


def sound(folder: Path) -> bool:
    """Whether every copy in the remote has the MD5 that it is named by."""
    named = {path: path.parent.name + path.stem for path in copies(folder)}
    return all(hashlib.md5(path.read_bytes()).hexdigest() == md5 for path, md5 in named.items())


def test_the_remote_holds_what_is_stored_now_and_no_more(author: Path) -> None:
    before = copies(author)
    toy.make(author, "two")
    left = author / "artifacts" / "files" / "md5" / "ab" / ".tmp-left"  # by a killed copy
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    assert publish.publish() == ["dvc.lock", "artifacts", "results/toy"]
    assert sound(author)
    assert len(copies(author)) == len(before)
    assert not left.parent.exists()
    assert publish.publish() == ["dvc.lock", "artifacts", "results/toy"]


def test_a_damaged_copy_in_the_remote_is_stored_anew(author: Path) -> None:
    for path in copies(author):
        toy.flip(path)
        path.chmod(0o444)  # which makes DVC trust it
    publish.publish()
    assert sound(author)


def test_a_damaged_copy_in_the_cache_is_made_anew(author: Path) -> None:
    for path in (author / ".dvc" / "cache" / "files").rglob("*"):
        if path.is_file():
            toy.flip(path)
            path.chmod(0o444)
    for path in copies(author):
        path.unlink()
    publish.publish()
    assert len(copies(author)) == len(toy.version("one")) + len(toy.OUTPUTS)
    assert sound(author)


def test_what_arrives_damaged_is_named_and_all_is_as_before(
    author: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = (author / "dvc.lock").read_bytes()
    toy.make(author, "two")
    send = LocalFileSystem.put_file

    def badly(self: LocalFileSystem, source: Any, target: str, **given: Any) -> None:
        send(self, source, target, **given)
        if "artifacts" in str(target):
            toy.flip(Path(target))

    with monkeypatch.context() as patch:
        patch.setattr(LocalFileSystem, "put_file", badly)
        with pytest.raises(JobError, match=r"^\S+: damaged in remote 'bundled': found "):
            publish.publish()
    assert (author / "dvc.lock").read_bytes() == lock
    monkeypatch.chdir(toy.clone(author, tmp_path / "reader"))
    restore()
    assert toy.content(Path.cwd()) == toy.version("one")


def test_what_is_too_large_for_the_repository_changes_nothing(
    author: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = copies(author), (author / "dvc.lock").read_bytes()
    toy.make(author, "two")
    monkeypatch.setattr(publish, "ROOM", 10)
    with pytest.raises(JobError, match="expected at most"):
        publish.publish()
    assert (copies(author), (author / "dvc.lock").read_bytes()) == before


def test_a_record_that_was_cut_short_is_written_anew(author: Path) -> None:
    """DVC writes dvc.lock in place: a kill may leave a part of it."""
    lock = author / "dvc.lock"
    whole = lock.read_bytes()
    for end in [*range(0, len(whole), 150), len(whole) - 1]:
        lock.write_bytes(whole[:end])
        publish.publish()
        assert lock.read_bytes() == whole, end


@pytest.mark.usefixtures("shared")
def test_a_pointer_that_was_cut_short_is_written_anew(author: Path) -> None:
    pointer = author / "results" / "other" / "net.dvc"
    whole = pointer.read_bytes()
    for end in range(0, len(whole), 40):
        pointer.write_bytes(whole[:end])
        assert publish.publish("other", "shared") == [".dvc/config", "results/other"]
        assert pointer.read_bytes() == whole, end


def test_without_git_another_run_is_refused_in_one_line(
    author: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.add_remote(author, "shared", str(author.with_name("shared")))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="git: no such command"):
        publish.publish("other", "shared")


@pytest.mark.parametrize(
    "stride", [pytest.param(55, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_killed_at_any_moment_one_version_can_be_fetched(
    author: Path, stride: int, tmp_path: Path
) -> None:
    """The committed dvc.lock's, until the new one's is complete; and the next call ends it."""
    toy.make(author, "two")
    there = tmp_path / "killed" / "author"
    there.parent.mkdir()
    assert toy.killed("publish", author.rename(there), stride) > 1
