"""CIFAR-10 and CIFAR-100, as torchvision reads them."""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from loft.core.download import NotServedError, download
from loft.core.errors import UserError
from loft.core.files import write_bytes
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
    root = Path(settings.data_dir)
    folder = root / source.base_folder
    problems = [] if folder.exists() else _download(source, settings.mirrors, root)
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


def _download(source: "type[CIFAR10]", mirrors: list[str], root: Path) -> list[str]:
    """Download the archive, whose MD5 is checked too; return what each mirror's problem was."""

    def files_of(content: bytes) -> dict[str, bytes]:
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found != source.tgz_md5:
            raise ValueError(f"found MD5 {found}; expected {source.tgz_md5}")
        return _unpack(source, content)

    try:
        files = download(
            [f"{mirror.rstrip('/')}/{source.filename}" for mirror in mirrors], files_of
        )
    except NotServedError as error:
        return error.problems
    for name, file in files.items():
        write_bytes(root / source.base_folder / name, file)
    return []


def _unpack(source: "type[CIFAR10]", content: bytes) -> dict[str, bytes]:
    """Take the files that torchvision reads out of the archive, and nothing else of it.

    What is written, and where, does not depend on what the archive says.
    """
    names = [source.meta["filename"]]
    names += [name for name, _ in [*source.train_list, *source.test_list]]
    files = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for name in names:
            member = archive.extractfile(f"{source.base_folder}/{name}")
            if member is None:
                raise tarfile.TarError(f"{name} is no file")
            files[name] = member.read()
    return files
