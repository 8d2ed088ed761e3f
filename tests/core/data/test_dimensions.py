"""What settings promise is what preparing the images gives."""

from pathlib import Path
from typing import Any

import pytest
from torchvision import datasets

from loft.core.data.dimensions import CIFAR_FILES, dimensions, find_originals
from loft.core.data.sources import DataJob, prepare
from loft.core.errors import UserError
from loft.tickets.run.run import Run
from tests import pictures


def data(values: dict[str, Any]) -> Any:
    return DataJob.model_validate({"data": values}).data


def compare(settings: Any) -> None:
    expected, found = dimensions(settings), prepare(settings, loaders=0)
    assert expected.dataset == found.dataset
    assert expected.train_images == found.train_images
    assert expected.image == (found.channels, found.size, found.size)
    assert expected.classes == found.classes
    batches = found.batches(AUGMENT[found.kind], 1, "cpu", 0)
    assert expected.test_images == sum(len(labels) for _, labels in batches.test(50))


AUGMENT: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def augment(run: Run, tiny: dict[str, Any]) -> None:
    tiny.update(data=pictures.settings(Path("none")), augment=pictures.AUGMENT)
    AUGMENT.update(images=run.augment, folders=Run.model_validate(tiny).augment)


def test_digits(run: Run) -> None:
    compare(run.data)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"train_images": 12, "test_images": 5},
        {"test_folder": None, "test_images": 6},
        {"channels": 1, "size": 12},
    ],
)
def test_a_folder_of_images(tmp_path: Path, changed: dict[str, Any]) -> None:
    pictures.write_folder(tmp_path, train=9, test=4)
    compare(data(pictures.settings(tmp_path, statistics_images=5, **changed)))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data\.data_dir: .*none/train"):
        dimensions(data(pictures.settings(tmp_path / "none")))


def test_imagenet_is_known_without_its_files(tmp_path: Path) -> None:
    own = ("dataset", "train_folder", "test_folder")
    wanted = pictures.settings(tmp_path / "none", name="imagenet", size=224, resize=256)
    found = dimensions(data({key: value for key, value in wanted.items() if key not in own}))
    assert (found.train_images, found.test_images, found.classes) == (1_281_167, 50_000, 1000)
    assert found.image == (3, 224, 224)


def test_the_names_of_cifars_files_are_torchvisions() -> None:
    for name, (folder, archive) in CIFAR_FILES.items():
        source = getattr(datasets, name.upper())
        assert (folder, archive) == (source.base_folder, source.filename)


def test_data_that_are_not_there_are_missed(tmp_path: Path) -> None:
    """Before anything runs; where a mirror is named they may be downloaded."""
    cifar: dict[str, Any] = {"name": "cifar10", "data_dir": str(tmp_path), "mirrors": []}
    cifar |= {"train_images": 10, "test_images": 10, "split_seed": 0}
    with pytest.raises(UserError, match=r"found neither cifar-10-batches-py nor cifar-10-python"):
        find_originals(data(cifar))
    assert find_originals(data({**cifar, "mirrors": ["http://127.0.0.1:9"]})).train_images == 10
    (tmp_path / "cifar-10-python.tar.gz").touch()
    assert find_originals(data(cifar)).classes == 10
    own = ("dataset", "train_folder", "test_folder")
    wanted = pictures.settings(tmp_path, name="imagenet", size=224, resize=256)
    with pytest.raises(
        UserError, match=r"train: no such folder, but cifar-10.*; expected ImageNet"
    ):
        find_originals(data({key: value for key, value in wanted.items() if key not in own}))


@pytest.mark.parametrize(
    ("key", "value", "most"), [("train_images", 28, 27), ("statistics_images", 28, 27)]
)
def test_more_images_than_there_are(tmp_path: Path, key: str, value: int, most: int) -> None:
    pictures.write_folder(tmp_path, train=9, test=4)
    settings = data(pictures.settings(tmp_path, **{key: value}))
    with pytest.raises(UserError, match=rf"data.{key}: found {value}; expected at most {most}"):
        dimensions(settings)
