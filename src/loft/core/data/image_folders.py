"""Make batches from image files on disk, decoded and augmented again in every epoch."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from loft.core.data.dataset import (
    drawn_out,
    label_faults,
    normalise,
    tensor_faults,
    whole_batches,
)
from loft.core.data.decoding import DIGEST
from loft.core.data.parallel_loading import (
    LoadedImages,
    Seeded,
    centre_crop,
    in_batches,
    load,
    random_crop,
)
from loft.core.data.settings import AugmentSettings, ResizedCrop
from loft.core.errors import UserError
from loft.core.seeding import stream

if TYPE_CHECKING:
    from torchvision.transforms import v2

SEPARATOR = "\0"  # the one character that no file name contains


def pack_names(names: list[str]) -> Tensor:
    """Pack file names into one uint8 tensor."""
    return torch.frombuffer(bytearray(os.fsencode(SEPARATOR.join(names))), dtype=torch.uint8)


def unpack_names(packed: Tensor) -> list[str]:
    """Return the file names in a tensor from `pack_names`."""
    return os.fsdecode(packed.numpy().tobytes()).split(SEPARATOR)


def pack_digests(digests: list[bytes]) -> Tensor:
    """Pack digests into one uint8 tensor (n, DIGEST)."""
    packed = torch.frombuffer(bytearray(b"".join(digests)), dtype=torch.uint8)
    return packed.view(-1, DIGEST)


@dataclass(frozen=True)
class Folder:
    """A data set of image files, which holds their names.

    Attributes:
        dataset: its name in Table 1, such as "ImageNet".
        folder: the folder that file names are relative to.
        class_names: names of the classes, in order of their numbers.
        channels: 1 (grey) or 3.
        size: height and width in pixels as the network sees images.
        resize: shorter side, in pixels, of unaugmented images before the centre crop.
        mean, std: of pixels between 0 and 1, by channel, float32 (c,).
        train_files, test_files: names, from `pack_names`.
        train_digests, test_digests: the first `DIGEST` bytes of files' SHA-256, uint8 (n, DIGEST).
            A job ends where a file has changed since the data were prepared.
        train_labels, test_labels: int64 classes (n,).
    """

    kind: ClassVar[str] = "folders"

    dataset: str
    folder: str
    class_names: list[str]
    channels: int
    size: int
    resize: int
    mean: Tensor
    std: Tensor
    train_files: Tensor
    train_digests: Tensor
    train_labels: Tensor
    test_files: Tensor
    test_digests: Tensor
    test_labels: Tensor

    @property
    def classes(self) -> int:
        return len(self.class_names)

    @property
    def train_images(self) -> int:
        return len(self.train_labels)

    def faults(self) -> Iterator[str]:
        """Yield the faults of this data set, such as wrong types, shapes or file names."""
        names = self.class_names if isinstance(self.class_names, list) else [None]
        if not all(isinstance(text, str) for text in (self.dataset, self.folder, *names)):
            yield "found other things for names of data set, folder and classes; expected texts"
        for key in ("channels", "size", "resize"):
            if type(value := getattr(self, key)) is not int or value < 1:
                yield f"{key}: found {value!r}; expected a positive number"
        wanted = {"mean": torch.float32, "std": torch.float32}
        for part in ("train", "test"):
            wanted |= {f"{part}_files": torch.uint8, f"{part}_labels": torch.int64}
        for name, dtype in wanted.items():
            yield from tensor_faults(name, getattr(self, name), dtype, 1)
        for part in ("train", "test"):
            yield from tensor_faults(
                f"{part}_digests", getattr(self, f"{part}_digests"), torch.uint8, 2
            )
        for name in ("mean", "std"):
            values = getattr(self, name)
            if len(values) != self.channels or not torch.isfinite(values).all():
                yield f"{name}: found {values.tolist()}; expected {self.channels} numbers"
        for part in ("train", "test"):
            files = unpack_names(getattr(self, f"{part}_files"))
            labels = getattr(self, f"{part}_labels")
            yield from label_faults(f"{part}_labels", labels, len(files), self.classes)
            if (found := [*getattr(self, f"{part}_digests").shape]) != [len(files), DIGEST]:
                yield f"{part}_digests: found {found}; expected {[len(files), DIGEST]}"
            for name in files:
                if name.startswith("/") or ".." in name.split("/"):
                    yield f"{part}_files: found {name!r}; expected files below the folder"

    def normalisation(self) -> tuple[list[float], list[float]]:
        return self.mean.tolist(), self.std.tolist()

    def hold_out(self, count: int) -> "Folder":
        """Put `count` training files in the place of the test files."""
        names = unpack_names(self.train_files)
        stay, held = drawn_out(self.train_images, count)

        def chosen(indices: Tensor) -> Tensor:
            return pack_names([names[index] for index in indices.tolist()])

        return replace(
            self,
            train_files=chosen(stay),
            train_digests=self.train_digests[stay],
            train_labels=self.train_labels[stay],
            test_files=chosen(held),
            test_digests=self.train_digests[held],
            test_labels=self.train_labels[held],
        )

    def batches(
        self, augment: AugmentSettings, batch_size: int, device: str, loaders: int
    ) -> "FolderBatches":
        """Prepare to load batches; no file is opened yet."""
        if not isinstance(augment, ResizedCrop):
            raise UserError("augment: expected scale, ratio and flip for image files")
        return FolderBatches(self, augment, batch_size, device, loaders)


class Files:
    """The files of the training or test part of a data set, by number."""

    def __init__(self, names: Tensor, digests: Tensor) -> None:
        self._names, self._digests = unpack_names(names), digests.numpy()

    def of(self, number: int, seed: int = 0) -> Seeded:
        """Return the name, seed and digest of a file, as `LoadedImages` takes them."""
        return self._names[number], seed, self._digests[number].tobytes()


class FolderBatches:
    """Batches of image files, loaded in advance by separate processes."""

    def __init__(
        self, folder: Folder, augment: ResizedCrop, batch_size: int, device: str, loaders: int
    ) -> None:
        self.length = whole_batches(folder.train_images, batch_size)
        self._batch_size, self._device, self._loaders = batch_size, device, loaders
        self._folder = folder
        self._train = Files(folder.train_files, folder.train_digests)
        self._test = Files(folder.test_files, folder.test_digests)
        self._augmented = random_crop(folder.size, augment)
        self._plain = centre_crop(folder.size, folder.resize)
        self._mean, self._std = folder.mean.to(device), folder.std.to(device)

    def epoch(
        self, seed: int, epoch: int, worker: int, start: int = 0
    ) -> Iterator[tuple[Tensor, Tensor]]:
        random = stream("order", seed, epoch, worker)
        order = torch.from_numpy(random.permutation(self._folder.train_images))
        first, end = start * self._batch_size, self.length * self._batch_size
        seeds = random.integers(2**63 - 1, size=end)[first:].tolist()
        order = order[first:end]
        files = (self._train.of(i, seed) for i, seed in zip(order.tolist(), seeds, strict=True))
        images = self._load(self._augmented, files, self._batch_size)
        labels = torch.split(self._folder.train_labels[order].to(self._device), self._batch_size)
        yield from zip(images, labels, strict=True)

    def calibration(self, count: int, size: int) -> Iterator[Tensor]:
        files = (self._train.of(i) for i in range(min(count, self._folder.train_images)))
        return self._load(self._plain, files, size)

    def test(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        files = (self._test.of(i) for i in range(len(self._folder.test_labels)))
        images = self._load(self._plain, files, size)
        labels = torch.split(self._folder.test_labels.to(self._device), size)
        yield from zip(images, labels, strict=True)

    def _load(
        self, transform: "v2.Transform", files: Iterator[Seeded], size: int
    ) -> Iterator[Tensor]:
        views = LoadedImages(Path(self._folder.folder), self._folder.channels, transform)
        on_gpu = self._device.startswith("cuda")
        for pixels in load(views, in_batches(files, size), self._loaders, pinned=on_gpu):
            there = pixels.to(self._device, non_blocking=True)
            yield normalise(there, self._mean, self._std)
