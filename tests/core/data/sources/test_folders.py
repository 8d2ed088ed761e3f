"""Folders are listed as torchvision lists them, and whatever is wrong with one is a line."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision.datasets import ImageFolder

from loft.core.data.image_folders import Folder, unpack_names
from loft.core.data.parallel_loading import LoadedImages, centre_crop
from loft.core.data.sources import class_folders, prepare
from loft.core.data.sources.settings import FolderData, ImageNetData
from loft.core.errors import UserError
from tests import pictures
from tests.conftest import loft


@pytest.fixture
def root(tmp_path: Path) -> Path:
    pictures.write_folder(tmp_path)
    return tmp_path


def settings(root: Path, **changed: Any) -> FolderData:
    return FolderData.model_validate(pictures.settings(root, **changed))


def collect(root: Path, **changed: Any) -> Folder:
    folder = prepare(settings(root, **changed), loaders=0)
    assert isinstance(folder, Folder)
    return folder


@pytest.mark.parametrize(("part", "subfolder"), [("train", "train"), ("test", "val")])
def test_images_and_classes_are_those_of_an_image_folder(
    root: Path, part: str, subfolder: str
) -> None:
    folder, reference = collect(root), ImageFolder(root / subfolder)
    assert folder.class_names == reference.classes == ["Zebra", "ant", "bee"]
    names = unpack_names(getattr(folder, f"{part}_files"))
    labels = getattr(folder, f"{part}_labels").tolist()
    found = [(str(root / name), label) for name, label in zip(names, labels, strict=True)]
    assert sorted(found) == sorted(reference.samples)
    assert found != reference.samples  # in an order of their own: the first ones are of all classes
    assert set(labels[:10]) == {0, 1, 2}


def test_images_are_drawn_by_seed(root: Path) -> None:
    whole, one, same, other = (
        collect(root, train_images=count, test_images=6, statistics_images=4, split_seed=seed)
        for count, seed in [(None, 0), (12, 0), (12, 0), (12, 1)]
    )
    names = unpack_names(one.train_files)
    assert (len(names), len(one.test_labels)) == (12, 6)
    assert names == unpack_names(same.train_files) == unpack_names(whole.train_files)[:12]
    assert names != unpack_names(other.train_files)


def test_a_folder_without_a_test_folder_is_split(root: Path) -> None:
    folder = collect(root, test_folder=None, test_images=7)
    train, test = unpack_names(folder.train_files), unpack_names(folder.test_files)
    assert (len(train), len(test)) == (23, 7)
    assert not set(train) & set(test)
    by_name = {
        str(Path(path).relative_to(root)): n for path, n in ImageFolder(root / "train").samples
    }
    assert [by_name[name] for name in test] == folder.test_labels.tolist()


@pytest.mark.parametrize("channels", [1, 3])
def test_mean_and_deviation_are_those_of_the_pixels(root: Path, channels: int) -> None:
    folder = collect(root, channels=channels)
    views = LoadedImages(root, channels, centre_crop(16, 20))
    seen = views[[(name, 0) for name in unpack_names(folder.train_files)[:20]]]
    assert isinstance(seen, torch.Tensor)
    pixels = seen.double().flatten(0, 2) / 255  # (n, c)
    assert torch.allclose(folder.mean, pixels.mean(0).float())
    assert torch.allclose(folder.std, pixels.std(0).float())
    assert folder.mean.shape == (channels,)


Spoil = Callable[[Path], object]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda root: shutil.rmtree(root / "train"), "/train: no such folder; expected a folder"),
        (shutil.rmtree, "/train: no such folder"),
        (lambda root: shutil.rmtree(root / "val"), "/val: no such folder"),
        (lambda root: shutil.rmtree(root / "val" / "ant"), "/val/ant: no such folder"),
        (lambda root: (root / "val" / "cat").mkdir(), "/val/cat: not a class in training"),
        (lambda root: (root / "train" / "cat").mkdir(), "/train/cat: no images there"),
        (
            lambda root: [path.unlink() for path in (root / "val" / "bee").iterdir()],
            "/val/bee: no images there; expected files named *.jpg, *.jpeg",
        ),
        (
            lambda root: [path.write_bytes(b"") for path in (root / "train" / "bee").iterdir()],
            ": 10 of 45 images cannot be used: train/bee/00.JPEG (found: no image of a known",
        ),
    ],
)
def test_whatever_is_wrong_with_a_folder_is_one_line(
    root: Path, spoil: Spoil, expected: str
) -> None:
    spoil(root)
    with pytest.raises(UserError) as error:
        collect(root)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"train_images": 31}, "data.train_images: found 31; expected at most 30"),
        ({"test_images": 16}, "data.test_images: found 16; expected at most 15"),
        ({"statistics_images": 31}, "data.statistics_images: found 31; expected at most 30"),
        (
            {"test_folder": None, "test_images": 30},
            "data.test_images: found 30; expected at most 29",
        ),
    ],
)
def test_more_images_than_there_are_is_one_line(
    root: Path, changed: dict[str, Any], expected: str
) -> None:
    with pytest.raises(UserError, match=expected):
        collect(root, **changed)


def imagenet(root: Path) -> ImageNetData:
    own = ("dataset", "train_folder", "test_folder")
    values = {key: value for key, value in pictures.settings(root).items() if key not in own}
    return ImageNetData.model_validate({**values, "name": "imagenet"})


def test_imagenet_is_all_of_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="found 3 classes, 30 training and 15 validation images"):
        prepare(imagenet(root), loaders=0)
    for name, count in [("CLASSES", 3), ("TRAIN", 30), ("VAL", 15)]:
        monkeypatch.setattr(class_folders, f"IMAGENET_{name}", count)
    assert prepare(imagenet(root), loaders=0).dataset == "ImageNet"


def test_without_imagenet_one_line_says_what_to_put_where(tmp_path: Path) -> None:
    job = f'{{"data": {imagenet(tmp_path).dump()}}}'
    result = loft("data", "--settings", job, "--out", str(tmp_path / "images.safetensors"))
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    for part in (
        f"loft: data.data_dir: {tmp_path}/train: no such folder",
        "image-net.org",
        f"{tmp_path}/train/<wnid>/*.JPEG, 1,281,167 images in 1,000 folders",
        f"{tmp_path}/val/<wnid>/*.JPEG, 50,000 images",
    ):
        assert part in result.stderr
    assert not (tmp_path / "images.safetensors").exists()
