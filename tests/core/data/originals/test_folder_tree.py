"""Whatever lies among images is told apart, and nothing hangs."""

import os
import socket
from pathlib import Path

import pytest
from torchvision.datasets.folder import IMG_EXTENSIONS, find_classes, make_dataset

from loft.core.data.originals.folder_tree import ENDINGS, HIDDEN, OTHER, OUTSIDE, walk
from loft.core.errors import UserError
from tests import pictures


def names(folder: Path) -> list[str]:
    return [f"{d.name}/{entry.name}" for d in walk(folder).directories for entry in d.entries]


def test_images_are_torchvisions_in_its_order(tmp_path: Path) -> None:
    pictures.fill(tmp_path, 3)
    deep = tmp_path / "ant" / "deep" / "deeper"
    deep.mkdir(parents=True)
    for path in (deep / "x.PNG", tmp_path / "ant" / "Z.jpg", tmp_path / "ant" / "deep" / "y.webp"):
        path.write_bytes(b"x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "1.png").write_bytes(b"x")
    (tmp_path / "bee" / "linked").symlink_to(tmp_path / "elsewhere")
    classes, numbers = find_classes(tmp_path)
    expected = [path for path, _ in make_dataset(str(tmp_path), numbers, extensions=IMG_EXTENSIONS)]
    assert walk(tmp_path).classes == classes
    assert [str(tmp_path / name) for name in names(tmp_path)] == expected
    assert ENDINGS == IMG_EXTENSIONS


def test_what_is_left_out_and_why(tmp_path: Path) -> None:
    pictures.fill(tmp_path, 1)
    for name in ("ant/._00.JPEG", "ant/moving.gif", "stray.jpg", "notes.txt", ".DS_Store"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "bee" / "round").symlink_to(tmp_path / "bee")
    tree = walk(tmp_path)
    assert tree.images == 3
    assert tree.classes == pictures.CLASSES
    assert {(left.name, left.why) for left in tree.ignored} == {
        ("ant/._00.JPEG", HIDDEN),
        ("ant/moving.gif", OTHER),
        ("stray.jpg", OUTSIDE),
        ("notes.txt", OTHER),
        (".DS_Store", HIDDEN),
        (".ipynb_checkpoints", HIDDEN),
        ("bee/round", "it is a link to a folder above it"),
    }


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "ant").mkdir()
    os.mkfifo(tmp_path / "ant" / "pipe.png")
    (tmp_path / "ant" / "link.png").symlink_to(tmp_path / "nothing")
    (tmp_path / "ant" / "null.png").symlink_to("/dev/null")
    listener = socket.socket(socket.AF_UNIX)
    with listener:
        here = Path.cwd()
        os.chdir(tmp_path / "ant")  # a socket's path must be short
        listener.bind("socket.png")
        os.chdir(here)
    tree = walk(tmp_path)
    assert tree.images == 0
    assert {(left.name, left.why) for left in tree.odd} == {
        ("ant/pipe.png", "a pipe"),
        ("ant/socket.png", "a socket"),
        ("ant/link.png", "a link to nothing"),
        ("ant/null.png", "a device"),
    }


@pytest.mark.parametrize("name", ["missing", "a\0b", "file"])
def test_a_folder_that_is_none_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match=r"no such folder|cannot be read as a folder"):
        walk(tmp_path / name)
