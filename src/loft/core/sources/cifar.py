"""CIFAR-10 and CIFAR-100, as torchvision reads them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from loft.core.errors import UserError
from loft.core.images import Images
from loft.core.seeding import stream
from loft.core.sources.settings import CifarData

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10


def prepare(settings: CifarData, _: int) -> Images:
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
