"""Batches of images in memory show every image once, moved and flipped but whole."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from loft.core.data.dataset import read, write
from loft.core.data.resident_images import Images, statistics
from loft.core.data.settings import PaddedCrop, ResizedCrop
from loft.core.errors import UserError
from loft.core.files.checkpoint import write_tensors

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
    return Images(
        "made",
        [*map(str, range(count))],
        drawn,
        torch.arange(count),
        drawn[:2].clone(),
        torch.arange(2),
    )


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


ONE = torch.zeros(3, dtype=torch.int64)
DAMAGE = [  # what is changed of a file of images, and what is said of it
    (
        {"train": torch.zeros(5, 3, 4, 4)},
        "train: found torch.float32 [5, 3, 4, 4]; expected torch.",
    ),
    ({"train": torch.zeros(5, 3, 4, dtype=torch.uint8)}, "train: found torch.uint8 [5, 3, 4]"),
    (
        {"train": torch.zeros(5, 3, 4, 5, dtype=torch.uint8)},
        "train: found images of shape [3, 4, 5]",
    ),
    (
        {"train": torch.zeros(0, 3, 4, 4, dtype=torch.uint8)},
        "train_labels: found 5 labels; expected 0",
    ),
    ({"test": torch.zeros(2, 1, 4, 4, dtype=torch.uint8)}, "test: found images of shape [1, 4, 4]"),
    ({"train_labels": ONE.int()}, "train_labels: found torch.int32 [3]; expected torch.int64"),
    ({"train_labels": ONE}, "train_labels: found 3 labels; expected 5, one for each image"),
    (
        {"train_labels": torch.arange(5) + 1},
        "train_labels: found labels from 1 to 5; expected labels",
    ),
    ({"test_labels": torch.tensor([-1, 0])}, "test_labels: found labels from -1 to 0; expected"),
    (
        {"class_names": [*"abcd"]},
        "train_labels: found labels from 0 to 4; expected labels from 0 to 3",
    ),
    ({"class_names": "5"}, "found other things for names of data set and classes; expected texts"),
    ({"dataset": 7}, "found other things for names of data set and classes; expected texts"),
]


@pytest.mark.parametrize(("values", "expected"), DAMAGE, ids=[text for _, text in DAMAGE])
def test_a_file_that_holds_no_data_set_is_refused(
    tmp_path: Path, values: dict[str, Any], expected: str
) -> None:
    path = tmp_path / "images.safetensors"
    write(dataclasses.replace(colourful(5, 4), **values), path)
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: {expected}")


@pytest.mark.parametrize(
    "text", ["", "1", "{}", '{"kind": "image"}', '{"kind": "images"}', "[" * 9999]
)
def test_a_file_that_does_not_say_what_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "images.safetensors"
    write_tensors(path, {"train": torch.ones(2)}, text)
    with pytest.raises(UserError, match="not a prepared data set; make it with 'loft data'"):
        read(path)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images.safetensors"
    write(colourful(5, 4), path)
    content = path.read_bytes()
    for length in range(0, len(content), len(content) // 20):
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match="expected a whole safetensors file; found: "):
            read(path)


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


@pytest.mark.parametrize(
    "shape", [(2500, 3, 8, 8), (300, 1, 12, 12), (40, 2, 33, 31), (5, 3, 4, 4)]
)
def test_mean_and_deviation_have_the_bits_of_all_pixels_at_once(
    shape: tuple[int, int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed runs were scaled by those; without a float copy of all images."""
    dark = torch.rand(shape[1], generator=torch.Generator().manual_seed(1)).view(1, -1, 1, 1)
    drawn = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0))
    images = (drawn * dark).to(torch.uint8)
    scaled = images.float() / 255
    for part in (7, 1000):
        monkeypatch.setattr("loft.core.data.resident_images.PART", part)
        mean, std = statistics(images)
        assert torch.equal(mean, scaled.mean((0, 2, 3)))
        assert torch.equal(std, scaled.std((0, 2, 3)))


def test_batches_lie_on_the_device_asked_for() -> None:
    """The meta device stands for one whose memory is not the host's."""
    batches = colourful(5, 4).batches(PaddedCrop(crop_padding=1, flip=True), 2, "meta")
    shown, labels = next(batches.epoch(0, 1, 0))
    (still,), (tested, truth) = batches.calibration(2, 2), next(batches.test(2))
    assert {part.device.type for part in (shown, labels, still, tested, truth)} == {"meta"}
