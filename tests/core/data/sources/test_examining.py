"""All faults are found at once, before training, and only what is new is looked at again."""

import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from loft.core.data import parallel_loading
from loft.core.data.image_folders import Folder, unpack_names
from loft.core.data.originals import hashes
from loft.core.data.originals.hashes import Hashes
from loft.core.data.originals.manifest import Manifest, Reading, read_again
from loft.core.data.sources import collect
from loft.core.data.sources.settings import FolderData
from loft.core.errors import UserError
from tests import pictures


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pictures.write_folder(tmp_path / "root")
    return tmp_path / "root"


def prepare(root: Path, cache: Path | None = None, loaders: int = 0, **changed: Any) -> Reading:
    reading = Reading(loaders, Hashes(cache))
    collect(FolderData.model_validate(pictures.settings(root, **changed)), reading)
    return reading


def spoil(root: Path) -> list[str]:
    """Put something into the place of six images; return their names."""
    train = root / "train"
    wide = Image.fromarray(np.zeros((1, 20_000_000), dtype=np.uint8))
    (train / "ant" / "00.JPEG").unlink()
    os.mkfifo(train / "ant" / "00.JPEG")
    (train / "ant" / "01.jpg").write_bytes(b"")
    (train / "ant" / "02.jpeg").write_bytes((train / "ant" / "02.jpeg").read_bytes()[:-100])
    wide.save(train / "bee" / "03.png")
    (train / "bee" / "04.png").write_text("<html>", encoding="utf-8")
    (root / "val" / "bee" / "00.JPEG").write_bytes(b"GIF89a")
    return [f"train/ant/0{n}.{s}" for n, s in enumerate(["JPEG", "jpg", "jpeg"])] + [
        "train/bee/03.png",
        "train/bee/04.png",
        "val/bee/00.JPEG",
    ]


@pytest.mark.parametrize("loaders", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_all_faults_are_found_at_once(root: Path, loaders: int) -> None:
    bad = spoil(root)
    with pytest.raises(UserError) as error:
        prepare(root, loaders=loaders)
    text = str(error.value)
    assert f"{root}: 6 of 45 images cannot be used: " in text
    assert all(name in text for name in bad)
    assert "(found a pipe)" in text
    assert "(found 20000000 x 1 pixels; expected at most 89,478,485 of them when" in text
    assert "\n" not in text


def test_a_huge_image_takes_no_memory(root: Path) -> None:
    """Its shorter side scaled to 20 pixels, the longer one would be 400 million."""
    path = root / "train" / "bee" / "03.png"
    Image.fromarray(np.zeros((1, 20_000_000), dtype=np.uint8)).save(path)
    tracemalloc.start()
    with pytest.raises(UserError, match=r"train/bee/03.png \(found 20000000 x 1 pixels; expected"):
        prepare(root)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500e6


def test_after_a_mend_only_what_is_new_is_looked_at(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashes, "SETTLED", 0)
    seen: list[str] = []
    own = parallel_loading.ImageCheck._look

    def noted(self: parallel_loading.ImageCheck, path: Path) -> parallel_loading.CheckedImage:
        seen.append(path.name)
        return own(self, path)

    monkeypatch.setattr(parallel_loading.ImageCheck, "_look", noted)
    bad = root / "train" / "ant" / "01.jpg"
    kept = bad.read_bytes()
    bad.write_bytes(b"")
    with pytest.raises(UserError, match="1 of 45 images"):
        prepare(root, tmp_path / "cache")
    assert len(seen) == 45
    seen.clear()
    bad.write_bytes(kept)
    prepare(root, tmp_path / "cache")
    assert seen == ["01.jpg"]
    seen.clear()
    prepare(root, tmp_path / "cache")
    assert seen == []
    prepare(root, tmp_path / "cache", resize=40)  # which asks whether they fit
    assert len(seen) == 45


def test_a_removed_image_is_gone(root: Path, tmp_path: Path) -> None:
    (root / "train" / "ant" / "01.jpg").unlink()
    folder = collect(FolderData.model_validate(pictures.settings(root)), Reading())
    assert isinstance(folder, Folder)
    assert folder.train_images == 29
    assert "train/ant/01.jpg" not in unpack_names(folder.train_files)


def test_what_was_read_is_noted(root: Path) -> None:
    read = prepare(root).read
    assert read.files == {}
    counts = {part: [one["images"] for one in read.folders[part].values()] for part in read.folders}
    assert counts == {"train": [10, 10, 10], "val": [5, 5, 5]}
    assert read_again(root, Manifest(folders={part: {} for part in read.folders}), Hashes()) == read


def test_what_was_made_and_left_out_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(7):
        (root / "val" / "bee" / f"._{number}.jpg").write_bytes(b"")
    prepare(root, train_images=12, statistics_images=5)
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"{root}/train: left out 1, as its name does not end in .jpg, ")
    assert said[0].endswith(": ant/notes.txt")
    assert said[1].startswith(
        f"{root}/val: left out 7, as its name begins with a dot: bee/._0.jpg, "
    )
    assert said[1].endswith("bee/._4.jpg, ...")
    assert said[2:] == [
        "pictures: 3 classes, 12 images to train on and 15 to test on, of 45 that were looked at"
    ]
