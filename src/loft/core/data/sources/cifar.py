"""Prepare CIFAR-10 and CIFAR-100, read by torchvision."""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from loft.core.data.originals.manifest import Reading
from loft.core.data.originals.regular_files import opened
from loft.core.data.resident_images import Images
from loft.core.data.sources.settings import CifarData
from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.files.download import NotServedError, download
from loft.core.processes.progress import say
from loft.core.seeding import stream

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

PART = 1000  # images scaled at a time; affects memory only


def prepare(settings: CifarData, reading: Reading) -> Images:
    """Draw images from CIFAR-10, or from CIFAR-100 with its fine labels.

    Raises:
        UserError: a file is damaged, or is missing and cannot be downloaded.
    """
    from torchvision import datasets

    source: type[CIFAR10] = getattr(datasets, settings.name.upper())
    root = Path(settings.data_dir)
    _supply(source, settings)
    for name, md5 in _wanted(source).items():
        path = root / name
        if (found := _md5(path)) != md5:
            raise UserError(
                f"data.data_dir: {path}: found MD5 {found}; expected {md5}, of the original file "
                f"of {source.__name__}; remove it, and it is unpacked or downloaded again"
            )
        reading.read.files[name] = reading.hashes.file(path)
    train, test = source(str(root), train=True), source(str(root), train=False)
    chosen_train = stream("split", settings.split_seed, 0).permutation(len(train.data))
    chosen_test = stream("split", settings.split_seed, 1).permutation(len(test.data))

    def take(source: "CIFAR10", order: np.ndarray) -> tuple[Tensor, Tensor]:
        images = torch.from_numpy(source.data[order]).permute(0, 3, 1, 2).contiguous()
        return _smaller(images, settings.size), torch.tensor(source.targets)[
            torch.from_numpy(order)
        ]

    train_images, train_labels = take(train, chosen_train[: settings.train_images])
    test_images, test_labels = take(test, chosen_test[: settings.test_images])
    name = f"CIFAR-{len(train.classes)}"
    return Images(name, train.classes, train_images, train_labels, test_images, test_labels)


def _smaller(images: Tensor, size: int) -> Tensor:
    """Return images (n, c, h, w) uint8 of `size` pixels a side, each the mean of a square."""
    if images.shape[-1] == size:
        return images
    parts = [
        F.avg_pool2d(part.float(), images.shape[-1] // size).round().to(torch.uint8)
        for part in torch.split(images, PART)
    ]
    return torch.cat(parts)


def _wanted(source: "type[CIFAR10]") -> dict[str, str]:
    """Return the MD5 of each file that torchvision reads, by name relative to the data folder."""
    listed = [*source.train_list, *source.test_list, [source.meta["filename"], source.meta["md5"]]]
    return {f"{source.base_folder}/{name}": md5 for name, md5 in listed}


def _md5(path: Path) -> str:
    with opened(path) as (file, _):
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _supply(source: "type[CIFAR10]", settings: CifarData) -> None:
    """Unpack missing files from the local archive, or download the archive."""
    root = Path(settings.data_dir)
    missing = [name for name in _wanted(source) if not (root / name).exists()]
    if not missing:
        return
    archive = root / source.filename
    if archive.exists():
        if (found := _md5(archive)) != source.tgz_md5:
            raise UserError(
                f"data.data_dir: {archive}: found MD5 {found}; expected {source.tgz_md5}, of the "
                f"original archive of {source.__name__}; fetch it again or remove it"
            )
        say(f"unpacking {archive}")
        with opened(archive) as (file, _):
            _write(_files(file, missing), root)
        return
    problems = _download(source, settings.mirrors, root, missing)
    if any(not (root / name).exists() for name in missing):
        whole = len(missing) == len(_wanted(source))
        lacking = root / (source.base_folder if whole else missing[0])
        found = "no such folder" if whole else "no such file"
        found += f", no {source.filename} beside it" if whole else ""
        why = (
            f"no mirror served it ({'; '.join(problems)})"
            if problems
            else "no mirror to download it from"
        )
        raise UserError(
            f"data.data_dir: {lacking}: {found} and {why}; expected the original files of "
            f"{source.__name__}, or their archive {archive}"
        )


def _download(
    source: "type[CIFAR10]", mirrors: list[str], root: Path, missing: list[str]
) -> list[str]:
    """Download the archive, check its MD5 and unpack it; return the problems of the mirrors."""

    def files_of(content: bytes) -> dict[str, bytes]:
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found != source.tgz_md5:
            raise ValueError(f"found MD5 {found}; expected {source.tgz_md5}")
        return _files(io.BytesIO(content), missing)

    addresses = [f"{mirror.rstrip('/')}/{source.filename}" for mirror in mirrors]
    try:
        files = download(addresses, files_of)
    except NotServedError as error:
        return error.problems
    _write(files, root)
    return []


def _files(archive: IO[bytes], names: list[str]) -> dict[str, bytes]:
    """Return the content of the named files of an archive, and of no others."""
    files = {}
    with tarfile.open(fileobj=archive) as members:
        for name in names:
            member = members.extractfile(name)
            if member is None:
                raise tarfile.TarError(f"{name} is no file")
            files[name] = member.read()
    return files


def _write(files: dict[str, bytes], root: Path) -> None:
    """Write files under their requested names, never under names from an archive."""
    for name, file in files.items():
        write_bytes(root / name, file)
