"""Batches of image files: every image once, in the order of seed, epoch and worker."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from loft.core.data.dataset import Batches, read, write
from loft.core.data.image_folders import Folder, pack_names, unpack_names
from loft.core.data.parallel_loading import LoadedImages, centre_crop
from loft.core.data.resident_images import Images
from loft.core.data.settings import PaddedCrop, ResizedCrop
from loft.core.data.sources import prepare
from loft.core.data.sources.settings import FolderData
from loft.core.errors import UserError
from tests import pictures

CROP = ResizedCrop.model_validate(pictures.AUGMENT)
STILL = ResizedCrop(scale=[1, 1], ratio=[1, 1], flip=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    root = tmp_path_factory.mktemp("pictures")
    pictures.write_folder(root)
    made = prepare(FolderData.model_validate(pictures.settings(root)), loaders=0)
    assert isinstance(made, Folder)
    return made


def seen(batches: Batches, *key: Any) -> tuple[Tensor, list[int]]:
    shown = list(batches.epoch(*key))
    return torch.cat([images for images, _ in shown]), torch.cat([n for _, n in shown]).tolist()


def by_hand(folder: Folder, names: list[str]) -> Tensor:
    """Unaugmented images, normalised."""
    views = LoadedImages(
        Path(folder.folder), folder.channels, centre_crop(folder.size, folder.resize)
    )
    pixels = views[[(name, 0) for name in names]]
    assert isinstance(pixels, Tensor)
    return ((pixels.float() / 255 - folder.mean) / folder.std).permute(0, 3, 1, 2)


def test_an_epoch_shows_every_image_once_and_drops_the_rest(folder: Folder) -> None:
    batches = folder.batches(CROP, 7, "cpu", loaders=0)
    shown = list(batches.epoch(seed=0, epoch=1, worker=0))
    assert len(shown) == batches.length == 4
    for images, labels in shown:
        assert images.shape == (7, 3, 16, 16)
        assert images.dtype == torch.float32
        assert images.is_contiguous(memory_format=torch.channels_last)
        assert labels.shape == (7,)
    counts = torch.cat([labels for _, labels in shown]).bincount()
    assert counts.sum() == 28
    assert counts.max() <= 10


def test_labels_stay_with_their_images(folder: Folder) -> None:
    """Every class has a tint, which outlasts any crop of a colour image."""
    batches = folder.batches(STILL, 30, "cpu", loaders=0)
    images, labels = seen(batches, 0, 1, 0)
    strongest = (images * folder.std.view(-1, 1, 1)).mean((2, 3)).argmax(1)
    assert (strongest == torch.tensor(labels)).sum() > 20  # grey ones have none


def test_orders_and_crops_are_drawn_from_seed_epoch_and_worker(folder: Folder) -> None:
    batches = folder.batches(CROP, 10, "cpu", loaders=0)
    first, again = seen(batches, 0, 1, 0), seen(batches, 0, 1, 0)
    assert torch.equal(first[0], again[0])
    assert first[1] == again[1]
    others = [seen(batches, *key) for key in [(1, 1, 0), (0, 2, 0), (0, 1, 1)]]
    assert len({tuple(labels) for _, labels in [first, *others]}) == 4
    assert not any(torch.equal(first[0], images) for images, _ in others)


@pytest.mark.parametrize("loaders", [1, 2])
def test_the_number_of_loaders_changes_no_bit(folder: Folder, loaders: int) -> None:
    alone, helped = (folder.batches(CROP, 8, "cpu", count) for count in (0, loaders))
    images, labels = seen(alone, 3, 2, 1)
    same, same_labels = seen(helped, 3, 2, 1)
    assert torch.equal(images, same)
    assert labels == same_labels
    tests = zip(alone.test(4), helped.test(4), strict=True)
    assert all(torch.equal(one[0], other[0]) for one, other in tests)


def test_calibration_and_test_images_come_in_order_without_augmentation(folder: Folder) -> None:
    batches = folder.batches(CROP, 8, "cpu", loaders=0)
    calibration = list(batches.calibration(10, 4))
    assert [len(part) for part in calibration] == [4, 4, 2]
    names = unpack_names(folder.train_files)
    assert torch.allclose(torch.cat(calibration), by_hand(folder, names[:10]), atol=1e-6)
    shown = list(batches.test(4))
    assert [len(images) for images, _ in shown] == [4, 4, 4, 3]
    expected = by_hand(folder, unpack_names(folder.test_files))
    assert torch.allclose(torch.cat([images for images, _ in shown]), expected, atol=1e-6)
    assert torch.equal(torch.cat([labels for _, labels in shown]), folder.test_labels)


def test_a_folder_is_kept_whole_in_its_file(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "images.safetensors"
    write(folder, path)
    back = read(path)
    assert isinstance(back, Folder)
    assert not isinstance(back, Images)
    for name, value in vars(folder).items():
        kept = getattr(back, name)
        assert torch.equal(kept, value) if isinstance(value, Tensor) else kept == value
    assert (back.classes, back.train_images) == (3, 30)


def test_what_does_not_fit_image_files_is_refused(folder: Folder) -> None:
    with pytest.raises(UserError, match=r"sgd.batch_size: found 31; expected at most 30"):
        folder.batches(CROP, 31, "cpu", loaders=0)
    with pytest.raises(UserError, match="augment: expected scale, ratio and flip"):
        folder.batches(PaddedCrop(crop_padding=4, flip=True), 8, "cpu", loaders=0)


DAMAGE: list[tuple[dict[str, Any], str]] = [  # what is changed in the file, what is said of it
    ({"test_files": pack_names(["../secret.png"] * 15)}, "found '../secret.png'; expected files"),
    ({"test_files": pack_names(["/etc/passwd"] * 15)}, "found '/etc/passwd'; expected files below"),
    ({"train_files": pack_names(["a.png"])}, "train_labels: found 30 labels; expected 1"),
    ({"train_files": torch.zeros(3)}, "train_files: found torch.float32 [3]; expected torch.uint8"),
    ({"train_digests": torch.zeros(30, 4, dtype=torch.uint8)}, "train_digests: found [30, 4]; exp"),
    ({"test_digests": torch.zeros(15)}, "test_digests: found torch.float32 [15]; expected torch.u"),
    ({"train_labels": torch.full((30,), 3)}, "found labels from 3 to 3; expected labels from 0"),
    ({"mean": torch.zeros(1)}, "mean: found [0.0]; expected 3 numbers"),
    ({"std": torch.full((3,), torch.nan)}, "std: found [nan, nan, nan]; expected 3 numbers"),
    ({"size": "16"}, "size: found '16'; expected a positive number"),
    ({"channels": 0}, "channels: found 0; expected a positive number"),
    ({"class_names": "abc"}, "found other things for names"),
    ({"class_names": [1, 2, 3]}, "found other things for names"),
    ({"folder": None}, "found other things for names"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), DAMAGE, ids=[text for _, text in DAMAGE])
def test_a_file_that_holds_no_data_set_is_refused(
    folder: Folder, tmp_path: Path, values: dict[str, Any], expected: str
) -> None:
    path = tmp_path / "images.safetensors"
    write(dataclasses.replace(folder, **values), path)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert expected in str(error.value)


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_file_that_changed_since_is_not_trained_on(tmp_path: Path, part: str) -> None:
    """So that no network is made from old and new images."""
    pictures.write_folder(tmp_path)
    made = prepare(FolderData.model_validate(pictures.settings(tmp_path)), loaders=0)
    assert isinstance(made, Folder)
    (name, *_) = unpack_names(getattr(made, f"{part}_files"))
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b"x")
    batches = made.batches(STILL, 30, "cpu", loaders=0)
    with pytest.raises(UserError, match=f"{name}: found another content than when the data"):
        list(batches.epoch(0, 1, 0) if part == "train" else batches.test(15))


def test_files_that_are_held_out_take_the_place_of_test_files(folder: Folder) -> None:
    held = folder.hold_out(5)
    assert [*held.faults()] == []
    train, test = unpack_names(held.train_files), unpack_names(held.test_files)
    assert len(test) == len(held.test_labels) == 5
    assert sorted(train + test) == sorted(unpack_names(folder.train_files))
    classes = dict(zip(unpack_names(folder.train_files), folder.train_labels.tolist(), strict=True))
    assert [classes[name] for name in test] == held.test_labels.tolist()
    batches = held.batches(CROP, 7, "cpu", loaders=0)  # digests belong to their files
    assert sum(len(labels) for _, labels in batches.test(2)) == 5
