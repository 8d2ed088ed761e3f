"""What every data set offers to training, and the one file that `loft data` makes of it.

A data set that fits in memory is in `resident_images`, one that stays on disk in `image_folders`;
the file says which it is, and nothing but this module asks.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from loft.core.data.augmentation import KINDS, AugmentSettings
from loft.core.errors import UserError
from loft.core.files.checkpoint import read_tensors, write_tensors
from loft.core.settings.lookup import load


class Batches(Protocol):
    """Batches on a device: images (b, c, h, w) float32, channels-last, and labels (b,) int64.

    Pixels are scaled by the training images' mean and deviation per channel.

    Attributes:
        length: batches an epoch.
    """

    length: int

    def epoch(
        self, seed: int, epoch: int, worker: int, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield one pass over the training images, augmented, in the order that the three give.

        The last, smaller batch is dropped, and so are the first `start` batches.
        """

    def calibration(self, count: int, size: int) -> Iterator[Tensor]:
        """Yield the first `count` training images without augmentation, `size` at a time."""

    def test(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all test images, `size` at a time, with their labels."""


class DataSet(Protocol):
    """A prepared data set.

    Attributes:
        kind: one of `KINDS`.
        dataset: its name in Table 1, such as "CIFAR-10".
        classes: number of classes.
        channels: 1 (grey) or 3.
        size: height and width of images in pixels.
        train_images: how many there are.
    """

    kind: ClassVar[str]

    @property
    def dataset(self) -> str: ...
    @property
    def classes(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def train_images(self) -> int: ...

    def batches(
        self, augment: AugmentSettings, batch_size: int, device: str, loaders: int
    ) -> Batches:
        """Make batches, with `loaders` processes where image files are read.

        Raises:
            UserError: the augmentation is another kind's, or there is not one whole batch.
        """

    def faults(self) -> Iterator[str]:
        """Yield what a file may hold that is no data set: what was found, what was expected."""


def write(data: DataSet, path: Path) -> None:
    """Write a data set to one safetensors file, atomically."""
    tensors = {name: value for name, value in vars(data).items() if isinstance(value, Tensor)}
    facts = {name: value for name, value in vars(data).items() if name not in tensors}
    write_tensors(path, tensors, json.dumps({"kind": data.kind, **facts}))


def read(path: Path) -> DataSet:
    """Read what `write` wrote. Raises UserError where the file is missing or damaged."""
    tensors, about = read_tensors(path)
    try:
        facts = json.loads(about)
        data: DataSet = load(KINDS[facts.pop("kind")].data)(**facts, **tensors)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise UserError(f"{path}: not a prepared data set; make it with 'loft data'") from None
    for fault in data.faults():
        raise UserError(f"{path}: {fault}")
    return data


def tensor_faults(name: str, tensor: object, dtype: torch.dtype, dimensions: int) -> Iterator[str]:
    """Yield how a tensor of a data set differs from what it should be."""
    if not isinstance(tensor, Tensor) or (tensor.dtype, tensor.ndim) != (dtype, dimensions):
        found = f"{tensor.dtype} {[*tensor.shape]}" if isinstance(tensor, Tensor) else repr(tensor)
        yield f"{name}: found {found}; expected {dtype} of {dimensions} dimensions"


def label_faults(name: str, labels: Tensor, images: int, classes: int) -> Iterator[str]:
    """Yield what is wrong with the labels of so many images."""
    if len(labels) != images:
        yield f"{name}: found {len(labels)} labels; expected {images}, one for each image"
    elif not images or not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        found = f"labels from {int(labels.min())} to {int(labels.max())}" if images else "none"
        yield f"{name}: found {found}; expected labels from 0 to {classes - 1}"


def whole_batches(images: int, batch_size: int) -> int:
    """Return how many batches an epoch has. Raises UserError where it is none."""
    if batch_size > images:
        raise UserError(f"sgd.batch_size: found {batch_size}; expected at most {images} images")
    return images // batch_size


def normalise(pixels: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Scale pixels (b, h, w, c) uint8 to float32, a channels-last (b, c, h, w)."""
    return pixels.float().div_(255).sub_(mean).div_(std).permute(0, 3, 1, 2)
