"""Images that stay in memory as uint8, and batches of them, augmented a whole batch at a time."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from loft.core.checkpoint import read_tensors, write_tensors
from loft.core.config import AugmentSettings, Cifar10Data, DigitsData
from loft.core.errors import UserError
from loft.core.seeding import stream

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

CIFAR10_ARCHIVE = "cifar-10-python.tar.gz"


@dataclass(frozen=True)
class Images:
    """A data set in memory.

    Attributes:
        dataset: its name in Table 1, such as "CIFAR-10".
        classes: number of classes.
        train, test: uint8 images (n, channels, height, width).
        train_labels, test_labels: int64 classes (n,).
    """

    dataset: str
    classes: int
    train: Tensor
    train_labels: Tensor
    test: Tensor
    test_labels: Tensor

    @property
    def channels(self) -> int:
        return self.train.shape[1]

    @property
    def size(self) -> int:
        """Height and width in pixels."""
        return self.train.shape[2]

    def save(self, path: Path) -> None:
        """Write all of it to one safetensors file, atomically."""
        names = ("train", "train_labels", "test", "test_labels")
        about = {"dataset": self.dataset, "classes": self.classes}
        write_tensors(path, {name: getattr(self, name) for name in names}, json.dumps(about))

    @classmethod
    def load(cls, path: Path) -> "Images":
        """Read what `save` wrote. Raises UserError where the file is missing or damaged."""
        tensors, about = read_tensors(path)
        try:
            return cls(**{**json.loads(about), **tensors})
        except (TypeError, ValueError):
            raise UserError(f"{path}: not a prepared data set; make it with 'loft data'") from None


def prepare(settings: DigitsData | Cifar10Data) -> Images:
    """Collect a data set as the run's settings ask. Raises UserError."""
    return _SOURCES[settings.name](settings)


def _digits(settings: DigitsData) -> Images:
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    total = settings.train_images + settings.test_images
    if total > len(labels):
        raise UserError(
            f"data.train_images + data.test_images: found {total}; expected at most {len(labels)}"
        )
    images = torch.tensor(values, dtype=torch.float32).reshape(-1, 1, 8, 8) * (255 / 16)
    images = F.interpolate(images, size=settings.size, mode="bilinear", align_corners=False)
    order = stream("split", settings.split_seed).permutation(len(labels))[:total]
    pixels, truth = images.round().to(torch.uint8), torch.tensor(labels)
    train = torch.from_numpy(order[: settings.train_images])
    test = torch.from_numpy(order[settings.train_images :])
    return Images("digits", 10, pixels[train], truth[train], pixels[test], truth[test])


def _cifar10(settings: Cifar10Data) -> Images:
    train, test = _open_cifar10(settings, train=True), _open_cifar10(settings, train=False)
    chosen_train = stream("split", settings.split_seed, 0).permutation(len(train.data))
    chosen_test = stream("split", settings.split_seed, 1).permutation(len(test.data))

    def take(source: "CIFAR10", order: np.ndarray) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(source.data[order]).permute(0, 3, 1, 2).contiguous()
        return images, torch.tensor(source.targets)[torch.from_numpy(order)]

    train_images, train_labels = take(train, chosen_train[: settings.train_images])
    test_images, test_labels = take(test, chosen_test[: settings.test_images])
    return Images("CIFAR-10", 10, train_images, train_labels, test_images, test_labels)


def _open_cifar10(settings: Cifar10Data, train: bool) -> "CIFAR10":
    """Open torchvision's CIFAR-10, whose every file's MD5 is checked, downloading it if absent."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import download_and_extract_archive

    root = Path(settings.data_dir)
    problems = []
    if not (root / CIFAR10.base_folder).exists():
        for mirror in settings.mirrors:
            address = f"{mirror.rstrip('/')}/{CIFAR10_ARCHIVE}"
            print(f"downloading {address}", file=sys.stderr)
            try:
                download_and_extract_archive(
                    address, str(root), filename=CIFAR10_ARCHIVE, md5=CIFAR10.tgz_md5
                )
                break
            except (OSError, RuntimeError) as error:
                problems.append(f"{mirror}: {' '.join(str(error).split())}")
    try:
        return CIFAR10(str(root), train=train)
    except (RuntimeError, OSError):
        found = (
            f"no mirror served it ({'; '.join(problems)})"
            if problems
            else "files are missing or their MD5 is wrong"
            if (root / CIFAR10.base_folder).exists()
            else "no such folder and no mirror to download it from"
        )
        raise UserError(
            f"data.data_dir: {root / CIFAR10.base_folder}: {found}; "
            "expected the original CIFAR-10 python files"
        ) from None


_SOURCES: dict[str, Callable[..., Images]] = {"digits": _digits, "cifar10": _cifar10}


class Batches:
    """Normalised, augmented training batches in the order that (seed, epoch, worker) gives.

    Pixels are scaled by the training images' mean and deviation per channel; the last, smaller
    batch of an epoch is dropped. Images wait zero-padded in (n, height, width, channels) order, so
    that a batch is one indexing operation and comes out channels-last.
    """

    def __init__(self, images: Images, augment: AugmentSettings, batch_size: int, device: str):
        self._augment = augment
        self._size = images.size
        self._device = device
        self.batch_size = batch_size
        self.length = len(images.train) // batch_size  # batches an epoch
        scaled = images.train.float() / 255
        self._mean = scaled.mean((0, 2, 3)).to(device)
        self._std = scaled.std((0, 2, 3)).clamp_min(1e-6).to(device)
        self._labels = images.train_labels.to(device)
        pad = augment.crop_padding
        padded = F.pad(images.train, (pad, pad, pad, pad))
        self._padded = padded.permute(0, 2, 3, 1).contiguous().to(device)  # (n, h+2p, w+2p, c)

    def epoch(self, seed: int, epoch: int, worker: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (images (b, c, h, w) float32, labels (b,)) for one pass over the data."""
        random = stream("order", seed, epoch, worker)
        order = torch.from_numpy(random.permutation(len(self._labels)))
        for start in range(0, self.length * self.batch_size, self.batch_size):
            chosen = order[start : start + self.batch_size].to(self._device)
            yield self._crops(chosen, random), self._labels[chosen]

    def _crops(self, chosen: Tensor, random: np.random.Generator) -> Tensor:
        """Cut a window at a random place, flipped or not, out of each chosen image."""
        count, window = len(chosen), torch.arange(self._size)
        places = 2 * self._augment.crop_padding + 1
        corners = torch.from_numpy(random.integers(0, places, (2, count)))
        flips = torch.from_numpy(random.random(count) < 0.5) & self._augment.flip
        rows = corners[0, :, None] + window  # (b, h)
        columns = corners[1, :, None] + torch.where(flips[:, None], window.flip(0), window)
        rows, columns = rows.to(self._device), columns.to(self._device)
        pixels = self._padded[chosen[:, None, None], rows[:, :, None], columns[:, None, :]]
        return self._normalise(pixels).permute(0, 3, 1, 2)

    def _normalise(self, pixels: Tensor) -> Tensor:  # (b, h, w, c) uint8 -> float32
        return pixels.float().div_(255).sub_(self._mean).div_(self._std)

    def plain(self, images: Tensor, size: int) -> Iterator[Tensor]:
        """Yield `images` (n, c, h, w) uint8 in order, normalised, without augmentation."""
        for part in torch.split(images, size):
            pixels = part.permute(0, 2, 3, 1).contiguous().to(self._device)
            yield self._normalise(pixels).permute(0, 3, 1, 2)
