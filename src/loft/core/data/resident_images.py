"""Keep images in memory as uint8 and make batches of them, augmented one whole batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from loft.core.data.dataset import (
    drawn_out,
    label_faults,
    normalise,
    tensor_faults,
    whole_batches,
)
from loft.core.data.settings import AugmentSettings, PaddedCrop
from loft.core.errors import UserError
from loft.core.seeding import stream

PART = 1000  # images per step of `statistics`; affects speed and memory only


@dataclass(frozen=True)
class Images:
    """A data set in memory.

    Attributes:
        dataset: its name in Table 1, such as "CIFAR-10".
        class_names: names of the classes, in order of their numbers.
        train, test: uint8 images (n, channels, height, width).
        train_labels, test_labels: int64 classes (n,).
    """

    kind: ClassVar[str] = "images"

    dataset: str
    class_names: list[str]
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor

    @property
    def classes(self) -> int:
        return len(self.class_names)

    @property
    def channels(self) -> int:
        return self.train.shape[1]

    @property
    def size(self) -> int:
        return self.train.shape[2]

    @property
    def train_images(self) -> int:
        return len(self.train)

    def faults(self) -> Iterator[str]:
        """Yield the faults of this data set, such as wrong types, shapes or labels."""
        names = self.class_names if isinstance(self.class_names, list) else [None]
        if not all(isinstance(text, str) for text in (self.dataset, *names)):
            yield "found other things for names of data set and classes; expected texts"
            return
        parts = {"train": (self.train, self.train_labels), "test": (self.test, self.test_labels)}
        for name, (images, labels) in parts.items():
            shapes = [*tensor_faults(name, images, torch.uint8, 4)]
            shapes += tensor_faults(f"{name}_labels", labels, torch.int64, 1)
            yield from shapes
            if shapes:
                return
            yield from label_faults(f"{name}_labels", labels, len(images), self.classes)
            image = [*images.shape[1:]]
            if image != [self.channels, self.size, self.size] or 0 in image:
                expected = [self.channels, self.size, self.size]
                yield f"{name}: found images of shape {image}; expected {expected}"

    def normalisation(self) -> tuple[list[float], list[float]]:
        mean, std = statistics(self.train)
        return mean.tolist(), std.tolist()

    def hold_out(self, count: int) -> "Images":
        """Put `count` training images in the place of the test images."""
        stay, held = drawn_out(self.train_images, count)
        return replace(
            self,
            train=self.train[stay],
            train_labels=self.train_labels[stay],
            test=self.train[held],
            test_labels=self.train_labels[held],
        )

    def batches(
        self, augment: AugmentSettings, batch_size: int, device: str, loaders: int = 0
    ) -> "ImageBatches":
        """Put the images on a device; `loaders` is not used."""
        if not isinstance(augment, PaddedCrop):
            raise UserError("augment: expected crop_padding and flip for images kept in memory")
        return ImageBatches(self, augment, batch_size, device)


def statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and deviation of each channel, float32 (c,), for pixels between 0 and 1.

    They have the bits of those of `images.float() / 255`, without the memory for that tensor: the
    mean adds up the sums of the images in torch's order, and the deviation comes from counts of the
    256 values.

    Args:
        images: uint8 (n, c, h, w).
    """
    count, channels, height, width = images.shape
    pixels = count * height * width
    sums, counts = [], torch.zeros(channels, 256, dtype=torch.float64)
    for part in torch.split(images, PART):
        sums.append(part.float().div_(255).sum((2, 3)))
        for channel in range(channels):
            counts[channel] += torch.bincount(part[:, channel].flatten(), minlength=256)
    if channels == 1:  # torch adds up all pixels as one row, in another order
        mean = images.float().div_(255).mean((0, 2, 3))
    else:
        one_by_one = np.add.accumulate(torch.cat(sums).numpy(), axis=0, dtype=np.float32)
        mean = torch.from_numpy(one_by_one[-1]) / pixels
    values = (torch.arange(256).float() / 255).double()
    squares = (counts * (values - (counts @ values / pixels)[:, None]) ** 2).sum(1)
    return mean, (squares / (pixels - 1)).sqrt().float().clamp_min(1e-6)


class ImageBatches:
    """Batches of images in memory.

    Images are stored zero-padded in (n, height, width, channels) order. Cropping a batch is then
    one indexing operation into all windows, which copies whole rows of pixels and gives a
    channels-last batch.
    """

    def __init__(self, images: Images, augment: PaddedCrop, batch_size: int, device: str):
        self._images, self._augment = images, augment
        self._device, self._batch_size = device, batch_size
        self.length = whole_batches(images.train_images, batch_size)
        mean, std = statistics(images.train)
        self._mean, self._std = mean.to(device), std.to(device)
        self._labels = images.train_labels.to(device)
        pad = augment.crop_padding
        side = images.size + 2 * pad
        padded = torch.zeros(images.train_images, side, side, images.channels, dtype=torch.uint8)
        inside = slice(pad, pad + images.size)
        padded[:, inside, inside] = images.train.permute(0, 2, 3, 1)
        windows = padded.to(device).unfold(1, images.size, 1)
        self._windows = windows.unfold(2, images.size, 1)  # (n, 2p+1, 2p+1, c, h, w), a view

    def epoch(
        self, seed: int, epoch: int, worker: int, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        random = stream("order", seed, epoch, worker)
        order = torch.from_numpy(random.permutation(len(self._labels)))
        drawn = [self._drawn(random) for _ in range(self.length)]
        # Copied to the device once: a copy for each batch would wait for the device.
        chosen = order[: self.length * self._batch_size].view(self.length, -1).to(self._device)
        corners = torch.stack([places for places, _ in drawn]).to(self._device)
        flips = torch.stack([flipped for _, flipped in drawn]).to(self._device)
        for batch in range(start, self.length):
            images = self._crops(chosen[batch], corners[batch], flips[batch])
            yield images, self._labels[chosen[batch]]

    def _drawn(self, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Draw the corners of a batch's windows (2, b) and which images are flipped (b,)."""
        places, count = 2 * self._augment.crop_padding + 1, self._batch_size
        corners = torch.from_numpy(random.integers(0, places, (2, count)))
        return corners, torch.from_numpy(random.random(count) < 0.5) & self._augment.flip

    def _crops(self, chosen: Tensor, corners: Tensor, flips: Tensor) -> Tensor:
        """Crop the window at its corner from each chosen image, and flip it if drawn."""
        pixels = self._windows[chosen, corners[0], corners[1]].permute(0, 2, 3, 1)  # (b, h, w, c)
        if self._augment.flip:
            pixels = torch.where(flips[:, None, None, None], pixels.flip(2), pixels)
        return normalise(pixels, self._mean, self._std)

    def calibration(self, count: int, size: int) -> Iterator[Tensor]:
        return self._plain(self._images.train[:count], size)

    def test(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        labels = torch.split(self._images.test_labels.to(self._device), size)
        yield from zip(self._plain(self._images.test, size), labels, strict=True)

    def _plain(self, images: Tensor, size: int) -> Iterator[Tensor]:
        """Yield images (n, c, h, w) uint8 in order, normalised, without augmentation."""
        for part in torch.split(images, size):
            pixels = part.permute(0, 2, 3, 1).contiguous().to(self._device)
            yield normalise(pixels, self._mean, self._std)
