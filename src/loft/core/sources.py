"""Where the images come from, by the data's name in a params file.

A new data set is a function in the manner of `digits` and a line in `SOURCES`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from loft.core import listing
from loft.core.config import CifarData, DataSettings, DigitsData
from loft.core.data import DataSet
from loft.core.errors import UserError
from loft.core.images import Images
from loft.core.seeding import stream

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10


def prepare(settings: DataSettings, loaders: int) -> DataSet:
    """Collect a data set as the run's settings ask, with `loaders` processes to read image files.

    Raises:
        UserError: images are missing, damaged or too few.
    """
    return SOURCES[settings.name](settings, loaders)


def digits(settings: DigitsData, _: int) -> Images:
    """Split and upsample scikit-learn's digits."""
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


def cifar(settings: CifarData, _: int) -> Images:
    """Draw images from CIFAR-10 or CIFAR-100, with its fine labels."""
    from torchvision import datasets

    source: type[CIFAR10] = getattr(datasets, settings.name.upper())
    train = _open_cifar(source, settings, train=True)
    test = _open_cifar(source, settings, train=False)
    chosen_train = stream("split", settings.split_seed, 0).permutation(len(train.data))
    chosen_test = stream("split", settings.split_seed, 1).permutation(len(test.data))

    def take(source: "CIFAR10", order: np.ndarray) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(source.data[order]).permute(0, 3, 1, 2).contiguous()
        return images, torch.tensor(source.targets)[torch.from_numpy(order)]

    train_images, train_labels = take(train, chosen_train[: settings.train_images])
    test_images, test_labels = take(test, chosen_test[: settings.test_images])
    classes = len(train.classes)
    return Images(f"CIFAR-{classes}", classes, train_images, train_labels, test_images, test_labels)


def _open_cifar(source: "type[CIFAR10]", settings: CifarData, train: bool) -> "CIFAR10":
    """Open torchvision's data set, whose every file's MD5 is checked, downloading it if absent."""
    from torchvision.datasets.utils import download_and_extract_archive

    root = Path(settings.data_dir)
    folder, archive = root / source.base_folder, source.filename
    problems = []
    if not folder.exists():
        for mirror in settings.mirrors:
            address = f"{mirror.rstrip('/')}/{archive}"
            print(f"downloading {address}", file=sys.stderr)
            try:
                download_and_extract_archive(
                    address, str(root), filename=archive, md5=source.tgz_md5
                )
                break
            except (OSError, RuntimeError) as error:
                problems.append(f"{mirror}: {' '.join(str(error).split())}")
    try:
        return source(str(root), train=train)
    except (RuntimeError, OSError):
        found = (
            f"no mirror served it ({'; '.join(problems)})"
            if problems
            else "files are missing or their MD5 is wrong"
            if folder.exists()
            else "no such folder and no mirror to download it from"
        )
        raise UserError(
            f"data.data_dir: {folder}: {found}; expected the original files of {source.__name__}"
        ) from None


SOURCES: dict[str, Callable[..., DataSet]] = {
    "digits": digits,
    "cifar10": cifar,
    "cifar100": cifar,
    "imagenet": listing.imagenet,
    "folder": listing.folder,
}
