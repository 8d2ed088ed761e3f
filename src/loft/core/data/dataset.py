"""Define what every data set offers to training; read and write the file that `loft data` makes.

Data sets that fit in memory are in `resident_images`, those that stay on disk in `image_folders`.
The file says which kind it holds, and only this module asks for the kind.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from loft.core.data.augmentation import KINDS
from loft.core.data.settings import AugmentSettings
from loft.core.errors import UserError
from loft.core.files.checkpoint import read_tensors, write_tensors
from loft.core.seeding import stream
from loft.core.settings.lookup import load


class Batches(Protocol):
    """Batches on a device: images (b, c, h, w) float32, channels-last, and labels (b,) int64.

    Pixels are scaled by the training images' mean and deviation per channel.

    Attributes:
        length: number of batches in an epoch.
    """

    length: int

    def epoch(
        self, seed: int, epoch: int, worker: int, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield one pass over the augmented training images.

        Seed, epoch and worker determine the order. The last, smaller batch is left out, as are the
        first `start` batches.
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
        class_names: their names, in order of their numbers.
        channels: 1 (grey) or 3.
        size: height and width of images in pixels.
        train_images: number of training images.
    """

    kind: ClassVar[str]

    @property
    def dataset(self) -> str: ...
    @property
    def classes(self) -> int: ...
    @property
    def class_names(self) -> list[str]: ...
    @property
    def channels(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def train_images(self) -> int: ...

    def batches(
        self, augment: AugmentSettings, batch_size: int, device: str, loaders: int
    ) -> Batches:
        """Make batches; `loaders` processes read image files.

        Raises:
            UserError: the augmentation is for another kind of data set, or the images do not fill
                one batch.
        """

    def normalisation(self) -> tuple[list[float], list[float]]:
        """Return the mean and deviation of pixels between 0 and 1, by channel, of batches."""

    def hold_out(self, count: int) -> "DataSet":
        """Return the data set with `count` training images in place of the test images.

        They are drawn at random, always the same ones, and are not trained on.

        Raises:
            UserError: that many would leave no image to train on.
        """

    def faults(self) -> Iterator[str]:
        """Yield the faults of data from a file: what was found and what was expected."""


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
    """Yield a line where a tensor of a data set has another type or number of dimensions."""
    if not isinstance(tensor, Tensor) or (tensor.dtype, tensor.ndim) != (dtype, dimensions):
        found = f"{tensor.dtype} {[*tensor.shape]}" if isinstance(tensor, Tensor) else repr(tensor)
        yield f"{name}: found {found}; expected {dtype} of {dimensions} dimensions"


def label_faults(name: str, labels: Tensor, images: int, classes: int) -> Iterator[str]:
    """Yield a line where labels do not fit the number of images or classes."""
    if len(labels) != images:
        yield f"{name}: found {len(labels)} labels; expected {images}, one for each image"
    elif not images or not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        found = f"labels from {int(labels.min())} to {int(labels.max())}" if images else "none"
        yield f"{name}: found {found}; expected labels from 0 to {classes - 1}"


def drawn_out(images: int, count: int) -> tuple[Tensor, Tensor]:
    """Return the indices of the training images that stay and of `count` that are held out.

    Both are ascending int64. Raises UserError where none would stay.
    """
    if count >= images:
        raise UserError(f"rates.held_out: found {count}; expected fewer than the {images} images")
    order = torch.from_numpy(stream("held out").permutation(images))
    return order[count:].sort().values, order[:count].sort().values


def whole_batches(images: int, batch_size: int) -> int:
    """Return the number of batches in an epoch. Raises UserError where it would be 0."""
    if batch_size > images:
        raise UserError(f"sgd.batch_size: found {batch_size}; expected at most {images} images")
    return images // batch_size


def normalise(pixels: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Normalise pixels (b, h, w, c) uint8 to float32 (b, c, h, w) in channels-last layout."""
    return pixels.float().div_(255).sub_(mean).div_(std).permute(0, 3, 1, 2)
