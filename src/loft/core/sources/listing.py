"""Folders of images in class folders, listed and checked: ImageNet, or anyone's.

    data_dir/train/cat/1.jpg    data_dir/train/dog/2.png    data_dir/val/cat/3.jpg ...

Classes are the training folder's subfolders, sorted by name, and images are what torchvision's
ImageFolder would find there.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from loft.core.errors import UserError
from loft.core.folders import Folder, in_batches, pack_names
from loft.core.loading import Views, load, plain
from loft.core.seeding import stream
from loft.core.sources.settings import FolderData, FolderSettings, ImageNetData

STATISTICS_BATCH = 64  # images; affects speed and memory only
IMAGENET_CLASSES = 1000  # of ILSVRC2012, as are the numbers of images
IMAGENET_TRAIN = 1_281_167
IMAGENET_VAL = 50_000


@dataclass(frozen=True)
class Listing:
    """Images in class folders.

    Attributes:
        folder: that holds a folder for each class.
        classes: names, sorted.
        files: names relative to the data set's folder.
        labels: classes' numbers, int64 (n,).
    """

    folder: Path
    classes: list[str]
    files: list[str]
    labels: np.ndarray

    def take(self, chosen: np.ndarray) -> "Listing":
        """Return some of the images."""
        files = [self.files[i] for i in chosen.tolist()]
        return Listing(self.folder, self.classes, files, self.labels[chosen])


def list_images(root: Path, part: str, classes: list[str] | None = None) -> Listing:
    """List the images below `root/part`, whose classes must be `classes` where these are given.

    Raises:
        UserError: the folder is missing, a class is missing, unknown or without images.
    """
    from torchvision.datasets.folder import IMG_EXTENSIONS, find_classes, make_dataset

    folder = root / part
    try:
        found, numbers = find_classes(folder)
    except OSError:  # missing, or without folders
        raise UserError(
            f"data.data_dir: {folder}: no folders of images there; expected one for each class"
        ) from None
    classes = found if classes is None else classes
    for name in sorted({*found} ^ {*classes}):
        problem = "not a class in training" if name in found else "no such folder"
        raise UserError(
            f"data.data_dir: {folder / name}: {problem}; expected the same classes as in training"
        )
    images = make_dataset(str(folder), numbers, extensions=IMG_EXTENSIONS, allow_empty=True)
    labels = np.array([label for _, label in images], dtype=np.int64)
    for name, count in zip(classes, np.bincount(labels, minlength=len(classes)), strict=True):
        if count == 0:
            raise UserError(
                f"data.data_dir: {folder / name}: no images there; expected files named "
                f"*{', *'.join(IMG_EXTENSIONS)}"
            )
    files = [str(Path(path).relative_to(root)) for path, _ in images]
    return Listing(folder, classes, files, labels)


def imagenet(settings: ImageNetData, loaders: int) -> Folder:
    """Prepare ImageNet. Raises UserError unless all of it is where its users put it."""
    root = Path(settings.data_dir)
    expected = (
        "expected ImageNet (ILSVRC2012), which only its site image-net.org gives out, to users "
        f"with an account: {root}/train/<wnid>/*.JPEG, {IMAGENET_TRAIN:,} images in "
        f"{IMAGENET_CLASSES:,} folders, and {root}/val/<wnid>/*.JPEG, {IMAGENET_VAL:,} images "
        "sorted into the same folders"
    )
    for part in ("train", "val"):
        if not (root / part).is_dir():
            raise UserError(f"data.data_dir: {root / part}: no such folder; {expected}")
    train = list_images(root, "train")
    test = list_images(root, "val", train.classes)
    found = (len(train.classes), len(train.files), len(test.files))
    if found != (IMAGENET_CLASSES, IMAGENET_TRAIN, IMAGENET_VAL):
        raise UserError(
            f"data.data_dir: {root}: found {found[0]:,} classes, {found[1]:,} training and "
            f"{found[2]:,} validation images; {expected}"
        )
    return _prepare(settings, "ImageNet", train, test, loaders)


def folder(settings: FolderData, loaders: int) -> Folder:
    """Prepare a user's own images. Raises UserError."""
    root, seed = Path(settings.data_dir), settings.split_seed
    train = list_images(root, settings.train_folder)
    if settings.test_folder is None:
        assert settings.test_images is not None  # the settings are checked for it
        _at_most("test_images", settings.test_images, len(train.files) - 1, train.folder)
        order = stream("split", seed).permutation(len(train.files))
        test = train.take(order[: settings.test_images])
        train = train.take(order[settings.test_images :])
    else:
        test = list_images(root, settings.test_folder, train.classes)
    return _prepare(settings, settings.dataset, train, test, loaders)


def _prepare(
    settings: FolderSettings, dataset: str, train: Listing, test: Listing, loaders: int
) -> Folder:
    """Draw the images that are asked for, in an order of `split_seed`, and measure the pixels."""
    drawn = []
    for number, (key, listed) in enumerate({"train_images": train, "test_images": test}.items()):
        _at_most(key, getattr(settings, key), len(listed.files), listed.folder)
        order = stream("split", settings.split_seed, number).permutation(len(listed.files))
        drawn.append(listed.take(order[: getattr(settings, key)]))
    train, test = drawn
    _at_most("statistics_images", settings.statistics_images, len(train.files), train.folder)
    mean, std = statistics(settings, train.files[: settings.statistics_images], loaders)
    return Folder(
        dataset=dataset,
        folder=settings.data_dir,
        class_names=train.classes,
        channels=settings.channels,
        size=settings.size,
        resize=settings.resize,
        mean=mean,
        std=std,
        train_files=pack_names(train.files),
        train_labels=torch.from_numpy(train.labels),
        test_files=pack_names(test.files),
        test_labels=torch.from_numpy(test.labels),
    )


def _at_most(key: str, wanted: int | None, most: int, folder: Path) -> None:
    if wanted is not None and wanted > most:
        raise UserError(
            f"data.{key}: found {wanted}; expected at most {most}, from the images in {folder}"
        )


def statistics(settings: FolderSettings, files: list[str], loaders: int) -> tuple[Tensor, Tensor]:
    """Return pixels' mean and deviation by channel, float32 (c,), over unaugmented images.

    Pixels are counted by value, so that the result does not depend on how they are grouped.
    """
    transform = plain(settings.size, settings.resize)
    views = Views(Path(settings.data_dir), settings.channels, transform)
    counts = torch.zeros(settings.channels, 256, dtype=torch.float64)
    batches = in_batches(((name, 0) for name in files), STATISTICS_BATCH)
    for pixels in load(views, batches, loaders, pinned=False):
        for channel in range(settings.channels):
            counts[channel] += torch.bincount(pixels[..., channel].flatten(), minlength=256)
    values, total = torch.arange(256, dtype=torch.float64) / 255, counts[0].sum()
    mean = counts @ values / total
    squares = (counts * (values - mean[:, None]) ** 2).sum(1)
    return mean.float(), (squares / (total - 1)).sqrt().float().clamp_min(1e-6)
