"""Batches of images in memory show every image once, moved and flipped but whole."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from loft.core.data import read, write
from loft.core.errors import UserError
from loft.core.images import Images
from loft.core.kinds import PaddedCrop, ResizedCrop

STILL = PaddedCrop(crop_padding=0, flip=False)


def pixels(images: Images, normalised: Tensor) -> Tensor:
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


def test_an_epoch_shows_every_image_once_and_drops_the_rest() -> None:
    images = colourful(10, 4)
    batches = images.batches(STILL, 4, "cpu")
    shown = list(batches.epoch(seed=0, epoch=1, worker=0))
    assert len(shown) == batches.length == 2
    labels = torch.cat([labels for _, labels in shown])
    assert len(set(labels.tolist())) == 8
    for batch, truth in shown:
        assert torch.equal(pixels(images, batch), images.train[truth])


def test_orders_are_drawn_from_seed_epoch_and_worker() -> None:
    batches = colourful(64, 4).batches(STILL, 64, "cpu")

    def order(seed: int, epoch: int, worker: int) -> list[int]:
        return next(batches.epoch(seed, epoch, worker))[1].tolist()

    assert order(0, 1, 0) == order(0, 1, 0)
    assert len({tuple(order(*key)) for key in [(0, 1, 0), (1, 1, 0), (0, 2, 0), (0, 1, 1)]}) == 4


def test_crops_are_windows_of_the_padded_image_flipped_or_not() -> None:
    images = colourful(64, 6)
    batches = images.batches(PaddedCrop(crop_padding=2, flip=True), 64, "cpu")
    batch, labels = next(batches.epoch(0, 1, 0))
    assert batch.is_contiguous(memory_format=torch.channels_last)
    padded = torch.nn.functional.pad(images.train, (2, 2, 2, 2))
    seen = set()
    for crop, label in zip(pixels(images, batch), labels, strict=True):
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
    write(images, path)
    back = read(path)
    assert isinstance(back, Images)
    assert (back.dataset, back.classes) == ("made", 5)
    assert torch.equal(back.train, images.train)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(UserError, match="expected a whole safetensors file"):
        read(path)
    with pytest.raises(UserError, match="no such file"):
        read(tmp_path / "none.safetensors")


def test_calibration_and_test_images_come_in_order_and_as_they_are() -> None:
    images = colourful(5, 4)
    batches = images.batches(STILL, 5, "cpu")
    calibration = torch.cat(list(batches.calibration(3, 2)))
    assert torch.equal(pixels(images, calibration), images.train[:3])
    (shown, labels), (last, _) = batches.test(1)
    assert torch.equal(pixels(images, torch.cat([shown, last])), images.test)
    assert labels.tolist() == [0]


def test_what_does_not_fit_images_in_memory_is_refused() -> None:
    images = colourful(5, 4)
    with pytest.raises(UserError, match=r"sgd.batch_size: found 6; expected at most 5"):
        images.batches(STILL, 6, "cpu")
    with pytest.raises(UserError, match="augment: expected crop_padding"):
        images.batches(ResizedCrop(scale=[1, 1], ratio=[1, 1], flip=False), 5, "cpu")
