"""A data set comes back from its file, and wrong tensors are named."""

from pathlib import Path

import pytest
import torch

from loft.core.data.dataset import (
    drawn_out,
    label_faults,
    normalise,
    read,
    tensor_faults,
    whole_batches,
    write,
)
from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.core.files.checkpoint import write_tensors


def images() -> Images:
    pixels = torch.arange(6 * 4, dtype=torch.uint8).reshape(6, 1, 2, 2)
    labels = torch.arange(6) % 3
    return Images("toy", [*"abc"], pixels[:4], labels[:4], pixels[4:], labels[4:])


def test_a_data_set_comes_back(tmp_path: Path) -> None:
    write(images(), tmp_path / "images.safetensors")
    found = read(tmp_path / "images.safetensors")
    assert isinstance(found, Images)
    assert (found.dataset, found.classes, found.train_images) == ("toy", 3, 4)
    assert torch.equal(found.test, images().test)


def test_another_file_is_refused(tmp_path: Path) -> None:
    write_tensors(tmp_path / "other.safetensors", {"weight": torch.zeros(2)})
    with pytest.raises(UserError, match="not a prepared data set"):
        read(tmp_path / "other.safetensors")


def test_tensors_of_another_type_or_shape_are_named() -> None:
    assert [*tensor_faults("train", torch.zeros(2, 2, dtype=torch.uint8), torch.uint8, 2)] == []
    (fault,) = tensor_faults("train", torch.zeros(2, 3), torch.uint8, 4)
    assert fault == "train: found torch.float32 [2, 3]; expected torch.uint8 of 4 dimensions"
    (fault,) = tensor_faults("train", 7, torch.uint8, 4)
    assert fault.startswith("train: found 7; expected")


@pytest.mark.parametrize(
    ("labels", "images", "fault"),
    [
        ([0, 2], 2, None),
        ([0, 2], 3, "found 2 labels; expected 3"),
        ([0, 3], 2, "found labels from 0 to 3; expected labels from 0 to 2"),
        ([-1, 2], 2, "found labels from -1 to 2"),
        ([], 0, "found none"),
    ],
)
def test_labels_that_do_not_fit_are_named(
    labels: list[int], images: int, fault: str | None
) -> None:
    found = [*label_faults("labels", torch.tensor(labels), images, 3)]
    assert (not found) if fault is None else (fault in found[0])


def test_a_part_of_a_batch_is_no_batch() -> None:
    assert whole_batches(100, 32) == 3
    with pytest.raises(UserError, match=r"sgd.batch_size: found 101; expected at most 100"):
        whole_batches(100, 101)


def test_pixels_are_scaled_by_channel() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 1, 2)
    found = normalise(pixels, torch.tensor([0.5, 0.0]), torch.tensor([0.5, 2.0]))
    assert found.tolist() == [[[[-1.0]], [[0.5]]]]


def test_images_are_held_out_of_training_at_random_and_always_the_same_ones() -> None:
    whole = images()
    held = whole.hold_out(1)
    assert (held.train_images, len(held.test)) == (3, 1)
    together = torch.cat([held.train, held.test])
    assert {tuple(each.flatten().tolist()) for each in together} == {
        tuple(each.flatten().tolist()) for each in whole.train
    }
    assert torch.equal(whole.hold_out(1).test, held.test)
    for image, label in zip(held.test, held.test_labels, strict=True):
        place = (whole.train == image).flatten(1).all(1).nonzero().item()
        assert whole.train_labels[int(place)] == label


def test_some_images_stay_to_train_on() -> None:
    with pytest.raises(UserError, match=r"rates\.held_out: found 4; expected fewer than the 4"):
        images().hold_out(4)
    stay, held = drawn_out(100, 30)
    assert sorted([*stay.tolist(), *held.tolist()]) == [*range(100)]
    assert held.tolist() != [*range(30)]
