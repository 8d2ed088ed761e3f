"""Decode, crop and scale image files in parallel, with the same bits for any number of processes.

The random numbers for an image come from a seed that is passed along with its file name, so it does
not matter which process loads it.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, get_worker_info

from loft.core.data.decoding import decode, decode_content, refuse_oversized
from loft.core.data.originals.regular_files import Stamp, read
from loft.core.data.settings import ResizedCrop
from loft.core.errors import JobError, UserError
from loft.core.processes import shared_memory
from loft.core.processes.fork_server import end_with_parent, forking

if TYPE_CHECKING:
    from torchvision.transforms import v2

MEND = "mount it with room (docker run --shm-size 8g), or set data.loaders to 0"
Seeded = tuple[str, int] | tuple[str, int, bytes]  # name, seed, digest (see `decode`)
T = TypeVar("T")


def centre_crop(size: int, resize: int) -> "v2.Transform":
    """Scale an image to `resize` on its shorter side and take its centre, `size` pixels square."""
    from torchvision.transforms import v2

    fits = partial(refuse_oversized, resize=resize)
    return v2.Compose([fits, v2.Resize(resize), v2.CenterCrop(size)])


def random_crop(size: int, augment: ResizedCrop) -> "v2.Transform":
    """Take a random part of an image, scale it to `size` pixels square and perhaps flip it."""
    from torchvision.transforms import v2

    crop = v2.RandomResizedCrop(size, tuple(augment.scale), tuple(augment.ratio))
    return v2.Compose([crop, v2.RandomHorizontalFlip(0.5 if augment.flip else 0)])


class LoadedImages(Dataset[Tensor | UserError | JobError]):
    """Batches of decoded, cropped and scaled image files, not normalised yet.

    Args:
        folder: the folder that file names are relative to.
        channels: 1 (grey) or 3.
        transform: maps an image (c, h, w) uint8 to another; draws from torch's default generator.
    """

    def __init__(self, folder: Path, channels: int, transform: "v2.Transform") -> None:
        self._folder, self._channels, self._transform = folder, channels, transform

    def __getitem__(self, files: list[Seeded]) -> Tensor | UserError | JobError:
        try:
            images = [self._load(*file).permute(1, 2, 0) for file in files]
            return _to_shared_memory(torch.stack(images))  # (b, h, w, c) uint8
        except (UserError, JobError) as error:  # `load` raises it: torch would add a traceback
            return error

    def _load(self, name: str, seed: int, digest: bytes = b"") -> Tensor:
        path = self._folder / name
        image = decode(path, self._channels, digest)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            try:
                loaded: Tensor = self._transform(image)
            except UserError as error:
                raise UserError(f"{path}: {error}") from None
        return loaded


def _to_shared_memory(batch: Tensor) -> Tensor:
    """Move a batch to shared memory; torch would do it later and may hang when memory is full.

    Raises:
        JobError: shared memory is full.
    """
    if get_worker_info() is None:  # the process that uses the batch has loaded it
        return batch
    try:
        batch.share_memory_()  # type: ignore[no-untyped-call]
    except RuntimeError:
        raise JobError(f"{shared_memory.FOLDER} has no room for a batch; {MEND}") from None
    return batch


class CheckedImage(NamedTuple):
    """The result of checking an image file.

    Attributes:
        stamp: stamp of the file that was read.
        sha256: hash of its content, in hexadecimal.
        fault: why it cannot be used, or "".
    """

    stamp: Stamp
    sha256: str
    fault: str


class ImageCheck(Dataset[list[CheckedImage] | UserError | JobError]):
    """Batches of image files that are read and decoded only to check them.

    Args:
        folder: the folder that file names are relative to.
        channels: 1 (grey) or 3.
        resize: shorter side that images will be scaled to, in pixels.
    """

    def __init__(self, folder: Path, channels: int, resize: int) -> None:
        self._folder, self._channels, self._resize = folder, channels, resize

    def __getitem__(self, names: list[str]) -> list[CheckedImage]:
        return [self._look(self._folder / name) for name in names]

    def _look(self, path: Path) -> CheckedImage:
        stamp, sha256 = (0, 0, 0), ""
        try:
            content, stamp = read(path)
            sha256 = hashlib.sha256(content).hexdigest()
            refuse_oversized(decode_content(content, path, self._channels), self._resize)
        except UserError as error:
            text = str(error).removeprefix(f"{path}: ").removeprefix("expected a whole image; ")
            return CheckedImage(stamp, sha256, text)
        return CheckedImage(stamp, sha256, "")


def in_batches(files: Iterator[T], size: int) -> Iterator[list[T]]:
    """Yield lists of `size` files; the last one may be shorter."""
    while batch := list(itertools.islice(files, size)):
        yield batch


def load(
    images: Dataset[T | UserError | JobError],
    batches: Iterable[object],
    loaders: int,
    pinned: bool,
) -> Iterator[T]:
    """Yield the loaded batches in order; for `LoadedImages` these are uint8 (b, h, w, c).

    Args:
        images: loads a batch.
        batches: the files of each batch.
        loaders: processes that load in advance; with 0 this process loads each batch when needed.
        pinned: whether batches are put in page-locked memory, for copies to a GPU.

    Raises:
        UserError: a file is missing or damaged.
        JobError: a process was killed, or has no room for a batch.
    """
    if loaders and (fault := shared_memory.fault()):
        raise JobError(f"{shared_memory.FOLDER} cannot be written: {fault}; {MEND}")
    with forking(__name__, "torchvision.transforms.v2") if loaders else nullcontext() as context:
        arriving = iter(
            DataLoader(
                images,
                sampler=batches,
                batch_size=None,  # the sampler yields whole batches
                collate_fn=_unchanged,
                num_workers=loaders,
                pin_memory=pinned,
                worker_init_fn=_end_with_parent,
                multiprocessing_context=context,
                generator=torch.Generator(),  # so that torch's default generator does not advance
            )
        )
    try:
        for batch in arriving:
            if isinstance(batch, UserError | JobError):
                raise batch
            yield batch
    except (EOFError, OSError, RuntimeError) as error:
        text = str(error)
        if not loaders or "\n" in text:  # text with a loader's traceback: a bug
            raise
        kind = type(error).__name__
        raise JobError(f"a process that loads images is lost: {kind}: {text}") from None
    finally:
        del arriving  # ends the loaders now, before the objects that they need are deleted


def _unchanged(batch: T) -> T:
    return batch  # torch's default would make lists of tuples


def _end_with_parent(_: int) -> None:
    """End with the job's process. torch would watch the parent, which here is the server."""
    end_with_parent()
