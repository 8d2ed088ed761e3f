"""Only what changed is read again, whatever a change leaves as it was."""

import hashlib
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from loft.core.data.originals import hashes
from loft.core.data.originals.folder_tree import walk
from loft.core.data.originals.hashes import Hashes, Known, Progress

OLD = time.time() - 3600


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two classes of three files; a file counts as settled at once, as its stamp has ns here."""
    monkeypatch.setattr(hashes, "SETTLED", 0)
    root = tmp_path / "root"
    for name in ("ant", "bee/deep"):
        (root / name).mkdir(parents=True)
        for number in range(3):
            write(root / name / f"{number}.png", bytes([number]) * 100)
    return root


def write(path: Path, content: bytes) -> None:
    """Write a file with an old time; wait until the system's own clock of changes has moved."""
    before = path.stat().st_ctime_ns if path.exists() else 0
    while not path.exists() or path.stat().st_ctime_ns == before:
        path.write_bytes(content)
        os.utime(path, (OLD, OLD))


def read(
    root: Path, cache: Path | None, monkeypatch: pytest.MonkeyPatch
) -> tuple[object, set[str]]:
    """Return what is found of the classes, and which files were opened for it."""
    opened: set[str] = set()
    hash_ = hashes._hash

    def noted(path: Path) -> Known:
        opened.add(path.name)
        return hash_(path)

    monkeypatch.setattr(hashes, "_hash", noted)
    found = Hashes(cache).classes(walk(root))
    monkeypatch.setattr(hashes, "_hash", hash_)
    return found, opened


def test_files_are_read_once(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, opened = read(root, tmp_path / "cache", monkeypatch)
    assert opened == {"0.png", "1.png", "2.png"}
    again, opened = read(root, tmp_path / "cache", monkeypatch)
    assert (again, opened) == (first, set())
    without, opened = read(root, None, monkeypatch)
    assert without == first
    assert opened


def test_a_change_of_the_same_size_and_time_is_seen(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = read(root, tmp_path / "cache", monkeypatch)
    write(root / "bee" / "deep" / "1.png", b"x" * 100)
    after, opened = read(root, tmp_path / "cache", monkeypatch)
    assert opened == {"1.png"}
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["ant"] == before["ant"]
    assert after["bee"] != before["bee"]
    assert after["bee"]["images"] == 3


def test_a_touch_changes_nothing(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _ = read(root, tmp_path / "cache", monkeypatch)
    (root / "ant" / "1.png").touch()
    after, opened = read(root, tmp_path / "cache", monkeypatch)
    assert (after, opened) == (before, {"1.png"})


@pytest.mark.parametrize("change", ["rename", "swap", "move", "delete"])
def test_names_count_too(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    before, _ = read(root, tmp_path / "cache", monkeypatch)
    one, other = root / "ant" / "0.png", root / "ant" / "1.png"
    if change == "rename":
        one.rename(root / "ant" / "9.png")
    elif change == "swap":
        one.rename(tmp_path / "aside")
        other.rename(one)
        (tmp_path / "aside").rename(other)
    elif change == "move":
        one.rename(root / "bee" / "0.png")
    else:
        one.unlink()
    after, _ = read(root, tmp_path / "cache", monkeypatch)
    assert after != before
    assert after == Hashes().classes(walk(root))


def test_what_changed_just_now_is_not_remembered(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could change again without another time stamp."""
    monkeypatch.setattr(hashes, "SETTLED", 10**12)
    first, _ = read(root, tmp_path / "cache", monkeypatch)
    again, opened = read(root, tmp_path / "cache", monkeypatch)
    assert opened == {"0.png", "1.png", "2.png"}
    assert again == first


@pytest.mark.parametrize("content", [b"", b"[", b"[]", b'{"0.png": 1}', b'{"ant": [1]}', b"\xff"])
def test_a_damaged_cache_is_made_anew(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    first, _ = read(root, tmp_path / "cache", monkeypatch)
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(content)
    again, opened = read(root, tmp_path / "cache", monkeypatch)
    assert again == first
    assert opened


def test_a_cache_that_cannot_be_written_is_done_without(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    first, _ = read(root, tmp_path / "file" / "cache", monkeypatch)
    assert first == Hashes().classes(walk(root))


def test_a_files_hash_is_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"content")
    assert Hashes().file(tmp_path / "x") == hashlib.sha256(b"content").hexdigest()
    assert Hashes().file(tmp_path / "y") is None


def test_a_long_look_says_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0.0, 5.0, 20.0])
    clock = SimpleNamespace(monotonic=lambda: next(seconds))
    monkeypatch.setattr("loft.core.data.originals.hashes.time", clock)
    progress = Progress("data: images looked at", 4000)
    progress.add(500)
    progress.add(500)
    assert capsys.readouterr().err == "data: images looked at: 1,000 of 4,000, 1:00 left\n"
