"""Image files decoded, cut and scaled in parallel: the same bits for any number of processes.

Whatever is random about an image is drawn from a seed that travels with its file's name, so it does
not matter which process draws it.
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

from loft.core.data.augmentation import ResizedCrop
from loft.core.data.decoding import decode, decode_content, refuse_oversized
from loft.core.data.originals.regular_files import Stamp, read
from loft.core.errors import JobError, UserError
from loft.core.processes import shared_memory
from loft.core.processes.fork_server import end_with_parent, forking

if TYPE_CHECKING:
    from torchvision.transforms import v2

MEND = "mount it with room (docker run --shm-size 8g), or set data.loaders to 0"
Seeded = tuple[str, int] | tuple[str, int, bytes]  # name, what is drawn from, content (`decode`)
T = TypeVar("T")


def centre_crop(size: int, resize: int) -> "v2.Transform":
    """The centre, `size` pixels a side, of an image scaled to `resize` along its shorter side."""
    from torchvision.transforms import v2

    fits = partial(refuse_oversized, resize=resize)
    return v2.Compose([fits, v2.Resize(resize), v2.CenterCrop(size)])


def random_crop(size: int, augment: ResizedCrop) -> "v2.Transform":
    """A random part of an image, scaled to `size` pixels a side, flipped or not."""
    from torchvision.transforms import v2

    crop = v2.RandomResizedCrop(size, tuple(augment.scale), tuple(augment.ratio))
    return v2.Compose([crop, v2.RandomHorizontalFlip(0.5 if augment.flip else 0)])


class LoadedImages(Dataset[Tensor | UserError | JobError]):
    """Batches of image files as the network sees them, but for scaling by mean and deviation.

    Args:
        folder: what files' names are relative to.
        channels: 1 (grey) or 3.
        transform: of one image (c, h, w) uint8 to another; random through torch's own state alone.
    """

    def __init__(self, folder: Path, channels: int, transform: "v2.Transform") -> None:
        self._folder, self._channels, self._transform = folder, channels, transform

    def __getitem__(self, files: list[Seeded]) -> Tensor | UserError | JobError:
        try:
            views = [self._view(*file).permute(1, 2, 0) for file in files]
            return _shared(torch.stack(views))  # (b, h, w, c) uint8
        except (UserError, JobError) as error:  # `load` raises it: torch would add a traceback
            return error

    def _view(self, name: str, seed: int, digest: bytes = b"") -> Tensor:
        path = self._folder / name
        image = decode(path, self._channels, digest)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            try:
                view: Tensor = self._transform(image)
            except UserError as error:
                raise UserError(f"{path}: {error}") from None
        return view


def _shared(batch: Tensor) -> Tensor:
    """Lay out a batch for the process that it is for; where torch does so later, it may hang.

    Raises:
        JobError: there is no room.
    """
    if get_worker_info() is None:  # this is that process
        return batch
    try:
        batch.share_memory_()  # type: ignore[no-untyped-call]
    except RuntimeError:
        raise JobError(f"{shared_memory.FOLDER} has no room for a batch; {MEND}") from None
    return batch


class CheckedImage(NamedTuple):
    """What became of an image's file when it was looked at.

    Attributes:
        stamp: of the file that was read.
        sha256: of its content, in hexadecimal.
        fault: why it cannot be used; "" where it can.
    """

    stamp: Stamp
    sha256: str
    fault: str


class ImageCheck(Dataset[list[CheckedImage] | UserError | JobError]):
    """Image files read and decoded for the sake of knowing that they can be.

    Args:
        folder: what files' names are relative to.
        channels: 1 (grey) or 3.
        resize: the shorter side that images will be scaled to, in pixels.
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
    """Yield `size` files at a time, fewer at the end."""
    while batch := list(itertools.islice(files, size)):
        yield batch


def load(
    views: Dataset[T | UserError | JobError],
    batches: Iterable[object],
    loaders: int,
    pinned: bool,
) -> Iterator[T]:
    """Yield what is made of batches, in order: by `LoadedImages` images (b, h, w, c) uint8.

    Args:
        views: what to make of a batch.
        batches: the files of each batch.
        loaders: processes that work ahead; with 0 this process does the work, when asked.
        pinned: whether batches lie in page-locked memory, for a GPU to fetch.

    Raises:
        UserError: a file is missing or damaged.
        JobError: a process was killed, or has no room for a batch.
    """
    if loaders and (fault := shared_memory.fault()):
        raise JobError(f"{shared_memory.FOLDER} cannot be written: {fault}; {MEND}")
    with forking(__name__, "torchvision.transforms.v2") if loaders else nullcontext() as context:
        arriving = iter(
            DataLoader(
                views,
                sampler=batches,
                batch_size=None,  # the sampler yields whole batches
                collate_fn=_as_it_is,
                num_workers=loaders,
                pin_memory=pinned,
                worker_init_fn=_end_with_parent,
                multiprocessing_context=context,
                generator=torch.Generator(),  # torch's own is left as it was
            )
        )
    try:
        for batch in arriving:
            if isinstance(batch, UserError | JobError):
                raise batch
            yield batch
    except (EOFError, OSError, RuntimeError) as error:
        text = str(error)
        if not loaders or "\n" in text:  # raised with a loader's traceback: a mistake in the code
            raise
        kind = type(error).__name__
        raise JobError(f"a process that loads images is lost: {kind}: {text}") from None
    finally:
        del (
            arriving
        )  # ends the loaders now: not in the end, with all that they wait for gone before


def _as_it_is(batch: T) -> T:
    return batch  # torch's own way would make lists of tuples


def _end_with_parent(_: int) -> None:
    """Do what torch means to do, which watches a process's parent: here that is the server."""
    end_with_parent()
