"""Regular files are read with their stamps; anything else is refused without waiting."""

import os
from pathlib import Path

import pytest

from loft.core.data.originals import regular_files
from loft.core.data.originals.regular_files import opened, read, stamp
from loft.core.errors import UserError


def test_content_comes_with_the_stamp(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(b"pixels")
    content, found = read(path)
    assert content == b"pixels"
    assert found == stamp(path.stat())
    assert found[0] == 6


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(b"pixels")
    before = read(path)[1]
    os.utime(path, ns=(0, 0))
    assert read(path)[1] != before


@pytest.mark.parametrize(
    ("name", "expected"),
    [("missing", "no such file"), ("folder", "found a folder; expected a file"),
     ("pipe", "found a pipe; expected a file")],
)  # fmt: skip
def test_what_is_no_file_is_named(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match=expected), opened(tmp_path / name):
        pass


def test_a_file_larger_than_any_image_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "image.png").write_bytes(b"pixels")
    monkeypatch.setattr(regular_files, "MOST_BYTES", 5)
    with pytest.raises(UserError, match="found 6 bytes; expected at most 5"):
        read(tmp_path / "image.png")
