"""Prepare image files: ImageNet, or a user's folders of images."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from loft.core.data.image_folders import Folder, pack_digests, pack_names
from loft.core.data.originals.manifest import Reading
from loft.core.data.parallel_loading import LoadedImages, Seeded, centre_crop, in_batches, load
from loft.core.data.sources.class_folders import (
    Listing,
    list_imagenet,
    list_images,
    report_left_out,
)
from loft.core.data.sources.examining import examine
from loft.core.data.sources.settings import FolderData, FolderSettings, ImageNetData
from loft.core.errors import UserError
from loft.core.processes.progress import say
from loft.core.seeding import stream

STATISTICS_BATCH = 64  # images; affects speed and memory only


def imagenet(settings: ImageNetData, reading: Reading) -> Folder:
    """Prepare ImageNet. Raises UserError unless it is complete in the usual folders."""
    return _prepare(settings, "ImageNet", *list_imagenet(Path(settings.data_dir)), reading)


def folder(settings: FolderData, reading: Reading) -> Folder:
    """Prepare a user's own images. Raises UserError."""
    root = Path(settings.data_dir)
    train = list_images(root, settings.train_folder)
    test = None
    if settings.test_folder is not None:
        test = list_images(root, settings.test_folder, train.classes)
    return _prepare(settings, settings.dataset, train, test, reading)


def _prepare(
    settings: FolderSettings, dataset: str, train: Listing, test: Listing | None, reading: Reading
) -> Folder:
    """Check every image, draw the requested numbers, and measure mean and deviation."""
    (train_files, train_labels), (test_files, test_labels) = split(settings, train, test)
    listings = [train] if test is None else [train, test]
    digests = examine(settings, [listing.tree for listing in listings], reading)
    measured: list[Seeded] = [
        (name, 0, digests[name]) for name in train_files[: settings.statistics_images]
    ]
    mean, std = statistics(settings, measured, reading.loaders)
    for listing in listings:
        report_left_out(listing.tree)
    say(
        f"{dataset}: {len(train.classes):,} classes, {len(train_files):,} images to train on and "
        f"{len(test_files):,} to test on, of {len(digests):,} that were looked at"
    )
    return Folder(
        dataset=dataset,
        folder=settings.data_dir,
        class_names=train.classes,
        channels=settings.channels,
        size=settings.size,
        resize=settings.resize,
        mean=mean,
        std=std,
        train_files=pack_names(train_files),
        train_digests=pack_digests([digests[name] for name in train_files]),
        train_labels=torch.from_numpy(train_labels),
        test_files=pack_names(test_files),
        test_digests=pack_digests([digests[name] for name in test_files]),
        test_labels=torch.from_numpy(test_labels),
    )


Part = tuple[list[str], np.ndarray]  # names of files, and their labels


def split(settings: FolderSettings, train: Listing, test: Listing | None) -> tuple[Part, Part]:
    """Draw the training and test images, in orders given by `split_seed`.

    Args:
        settings: of the data set.
        train: training images; the test images are taken from them where `test` is None.
        test: test images.

    Raises:
        UserError: there are fewer images than requested.
    """

    def draw(part: Part, order: np.ndarray) -> Part:
        return [part[0][i] for i in order.tolist()], part[1][order]

    parts = [(listing.files, listing.labels) for listing in (train, test or train)]
    if test is None:
        aside = settings.test_images
        assert aside is not None  # the settings require it here
        _at_most("test_images", aside, len(train.files) - 1, train)
        order = stream("split", settings.split_seed).permutation(len(train.files))
        parts = [draw(parts[0], order[aside:]), draw(parts[0], order[:aside])]
    counts = {"train_images": settings.train_images, "test_images": settings.test_images}
    for number, (key, count) in enumerate(counts.items()):
        total = len(parts[number][0])
        _at_most(key, count, total, train if test is None or number == 0 else test)
        order = stream("split", settings.split_seed, number).permutation(total)
        parts[number] = draw(parts[number], order[:count])
    _at_most("statistics_images", settings.statistics_images, len(parts[0][0]), train)
    return parts[0], parts[1]


def _at_most(key: str, wanted: int | None, most: int, listing: Listing) -> None:
    if wanted is not None and wanted > most:
        raise UserError(
            f"data.{key}: found {wanted}; expected at most {most}, from the images in "
            f"{listing.tree.folder}"
        )


def statistics(
    settings: FolderSettings, files: list[Seeded], loaders: int
) -> tuple[Tensor, Tensor]:
    """Return the mean and deviation of each channel, float32 (c,), over unaugmented images.

    Pixels are counted by value, so the result does not depend on the batches.
    """
    transform = centre_crop(settings.size, settings.resize)
    views = LoadedImages(Path(settings.data_dir), settings.channels, transform)
    counts = torch.zeros(settings.channels, 256, dtype=torch.float64)
    batches = in_batches(iter(files), STATISTICS_BATCH)
    for pixels in load(views, batches, loaders, pinned=False):
        for channel in range(settings.channels):
            counts[channel] += torch.bincount(pixels[..., channel].flatten(), minlength=256)
    values, total = torch.arange(256, dtype=torch.float64) / 255, counts[0].sum()
    mean = counts @ values / total
    squares = (counts * (values - mean[:, None]) ** 2).sum(1)
    return mean.float(), (squares / (total - 1)).sqrt().float().clamp_min(1e-6)
