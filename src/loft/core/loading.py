"""Image files decoded, cut and scaled in parallel: the same bits for any number of processes.

Whatever is random about an image is drawn from a seed that travels with its file's name, so it does
not matter which process draws it.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, get_worker_info

from loft.core.errors import JobError, UserError
from loft.core.kinds import ResizedCrop

if TYPE_CHECKING:
    from torchvision.transforms import v2

SHARED = "/dev/shm"  # through which processes that load images hand on what they loaded
MEND = "mount it with room (docker run --shm-size 8g), or set data.loaders to 0"
MODES = {1: "L", 3: "RGB"}  # Pillow's names, by channels
Seeded = tuple[str, int]  # a file's name and what its augmentation is drawn from


def decode(path: Path, channels: int) -> Tensor:
    """Return an image as (channels, h, w) uint8, grey or RGB whatever the file holds.

    Of 16-bit greys the upper 8 bits count; transparency is left out.

    Raises:
        UserError: the file is missing, damaged or of a kind that has no 8-bit values.
    """
    try:
        with Image.open(path) as image:
            return _pixels(image, MODES[channels])
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        text = " ".join(str(error).split())
        raise UserError(f"{path}: expected a whole image; found: {text}") from None


def _pixels(image: Image.Image, mode: str) -> Tensor:
    if image.mode.startswith("I;16"):  # Pillow would clip it at 255
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise ValueError(f"32 bits a pixel (Pillow's mode {image.mode})")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    pixels = np.array(image.convert(mode))
    return torch.from_numpy(pixels).reshape(*pixels.shape[:2], -1).permute(2, 0, 1)


def plain(size: int, resize: int) -> "v2.Transform":
    """The centre, `size` pixels a side, of an image scaled to `resize` along its shorter side."""
    from torchvision.transforms import v2

    return v2.Compose([v2.Resize(resize), v2.CenterCrop(size)])


def augmented(size: int, augment: ResizedCrop) -> "v2.Transform":
    """A random part of an image, scaled to `size` pixels a side, flipped or not."""
    from torchvision.transforms import v2

    crop = v2.RandomResizedCrop(size, tuple(augment.scale), tuple(augment.ratio))
    return v2.Compose([crop, v2.RandomHorizontalFlip(0.5 if augment.flip else 0)])


class Views(Dataset[Tensor | UserError | JobError]):
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
            views = [self._view(name, seed).permute(1, 2, 0) for name, seed in files]
            return _shared(torch.stack(views))  # (b, h, w, c) uint8
        except (UserError, JobError) as error:  # `load` raises it: torch would add a traceback
            return error

    def _view(self, name: str, seed: int) -> Tensor:
        image = decode(self._folder / name, self._channels)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            view: Tensor = self._transform(image)
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
        raise JobError(f"{SHARED} has no room for a batch; {MEND}") from None
    return batch


def load(
    views: Views, batches: Iterable[list[Seeded]], loaders: int, pinned: bool
) -> Iterator[Tensor]:
    """Yield batches (b, h, w, c) uint8 in order.

    Args:
        views: what to make of a file.
        batches: the files of each batch.
        loaders: processes that work ahead; with 0 this process does the work, when asked.
        pinned: whether batches lie in page-locked memory, for a GPU to fetch.

    Raises:
        UserError: a file is missing or damaged.
        JobError: a process was killed, or has no room for a batch.
    """
    if loaders:
        _require_semaphores()
    loader = DataLoader(
        views,
        sampler=batches,
        batch_size=None,  # the sampler yields whole batches
        num_workers=loaders,
        pin_memory=pinned,
        worker_init_fn=_end_with_parent,
        multiprocessing_context=_server() if loaders else None,
        generator=torch.Generator(),  # torch's own is left as it was
    )
    try:
        for batch in loader:
            if isinstance(batch, UserError | JobError):
                raise batch
            yield batch
    except (EOFError, OSError, RuntimeError) as error:
        text = str(error)
        if not loaders or "\n" in text:  # raised with a loader's traceback: a mistake in the code
            raise
        kind = type(error).__name__
        raise JobError(f"a process that loads images is lost: {kind}: {text}") from None


def _require_semaphores() -> None:
    """Raise JobError where the system has none: Linux keeps them in shared memory."""
    try:
        multiprocessing.get_context("fork").Lock()
    except OSError as error:
        raise JobError(f"{SHARED} cannot be written: {error.strerror}; {MEND}") from None


def _server() -> BaseContext:
    """Fork loaders from a server that has imported what they need and started no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "torchvision.transforms.v2"])
    return context


def _end_with_parent(_: int) -> None:
    """End this process when the one that it loads for ends, even if that was killed outright.

    torch watches a process's parent for this, which here is the server.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
