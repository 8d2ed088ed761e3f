"""Data sets are what they say, and batches show every image once, moved and flipped but whole."""

import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor

from loft.core.config import AugmentSettings, Cifar10Data, DigitsData
from loft.core.data import Batches, Images, prepare
from loft.core.errors import UserError

STILL = AugmentSettings(crop_padding=0, flip=False)


def pixels(batches: Batches, images: Images, normalised: Tensor) -> Tensor:
    """Undo the scaling of a batch: uint8 again."""
    scaled = images.train.float() / 255
    mean, std = scaled.mean((0, 2, 3)), scaled.std((0, 2, 3))
    back = normalised * std.view(-1, 1, 1) + mean.view(-1, 1, 1)
    return (back * 255).round().to(torch.uint8)


def colourful(count: int, size: int) -> Images:
    """Images that all differ, with their number as label."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=generator)
    return Images("made", count, drawn, torch.arange(count), drawn[:2].clone(), torch.arange(2))


def test_digits_are_split_by_seed_and_keep_their_classes() -> None:
    one, same, other = (
        prepare(
            DigitsData(name="digits", size=16, train_images=1437, test_images=360, split_seed=seed)
        )
        for seed in (0, 0, 1)
    )
    assert one.train.shape == (1437, 1, 16, 16)
    assert one.train.dtype == torch.uint8
    assert torch.equal(one.train, same.train)
    assert not torch.equal(one.train, other.train)
    counts = torch.bincount(torch.cat([one.train_labels, one.test_labels]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_too_many_digits_are_refused() -> None:
    settings = DigitsData(name="digits", size=8, train_images=1700, test_images=98, split_seed=0)
    with pytest.raises(UserError, match="found 1798; expected at most 1797"):
        prepare(settings)


def test_an_epoch_shows_every_image_once_and_drops_the_rest() -> None:
    images = colourful(10, 4)
    batches = Batches(images, STILL, 4, "cpu")
    shown = list(batches.epoch(seed=0, epoch=1, worker=0))
    assert len(shown) == batches.length == 2
    labels = torch.cat([labels for _, labels in shown])
    assert len(set(labels.tolist())) == 8
    for batch, truth in shown:
        assert torch.equal(pixels(batches, images, batch), images.train[truth])


def test_orders_are_drawn_from_seed_epoch_and_worker() -> None:
    batches = Batches(colourful(64, 4), STILL, 64, "cpu")

    def order(seed: int, epoch: int, worker: int) -> list[int]:
        return next(batches.epoch(seed, epoch, worker))[1].tolist()

    assert order(0, 1, 0) == order(0, 1, 0)
    assert len({tuple(order(*key)) for key in [(0, 1, 0), (1, 1, 0), (0, 2, 0), (0, 1, 1)]}) == 4


def test_crops_are_windows_of_the_padded_image_flipped_or_not() -> None:
    images = colourful(64, 6)
    batches = Batches(images, AugmentSettings(crop_padding=2, flip=True), 64, "cpu")
    batch, labels = next(batches.epoch(0, 1, 0))
    assert batch.is_contiguous(memory_format=torch.channels_last)
    padded = torch.nn.functional.pad(images.train, (2, 2, 2, 2))
    seen = set()
    for crop, label in zip(pixels(batches, images, batch), labels, strict=True):
        places = {
            (row, column, flip)
            for row in range(5)
            for column in range(5)
            for flip in (False, True)
            if torch.equal(
                crop.flip(2) if flip else crop,
                padded[label, :, row : row + 6, column : column + 6],
            )
        }
        assert places
        seen |= places
    assert len({row for row, _, _ in seen}) == len({column for _, column, _ in seen}) == 5
    assert {flip for _, _, flip in seen} == {False, True}


def test_images_are_kept_whole_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    images = colourful(5, 4)
    path = tmp_path / "images.safetensors"
    images.save(path)
    back = Images.load(path)
    assert (back.dataset, back.classes) == ("made", 5)
    assert torch.equal(back.train, images.train)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(UserError, match="expected a whole safetensors file"):
        Images.load(path)
    with pytest.raises(UserError, match="no such file"):
        Images.load(tmp_path / "none.safetensors")


def cifar10(folder: Path, mirrors: list[str]) -> Cifar10Data:
    return Cifar10Data(
        name="cifar10",
        data_dir=str(folder),
        mirrors=mirrors,
        train_images=10,
        test_images=10,
        split_seed=0,
    )


def test_missing_cifar10_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no mirror to download it from; expected the original"):
        prepare(cifar10(tmp_path, []))


def test_mirrors_are_tried_in_turn(tmp_path: Path) -> None:
    """Two that do not answer; the line says what each of them said."""
    mirrors = ["http://127.0.0.1:9", "http://127.0.0.1:10"]
    with pytest.raises(UserError) as error:
        prepare(cifar10(tmp_path, mirrors))
    assert all(mirror in str(error.value) for mirror in mirrors)
    assert "\n" not in str(error.value)


def test_damaged_cifar10_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta"]:
        (folder / name).write_bytes(pickle.dumps({"data": []}))
    with pytest.raises(UserError, match="their MD5 is wrong"):
        prepare(cifar10(tmp_path, []))
