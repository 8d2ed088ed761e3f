"""Image files decoded, cut and scaled in parallel: the same bits for any number of processes.

Whatever is random about an image is drawn from a seed that travels with its file's name, so it does
not matter which process draws it.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from loft.core.errors import JobError, UserError
from loft.core.forking import end_with_parent, forking
from loft.core.kinds import ResizedCrop

if TYPE_CHECKING:
    from torchvision.transforms import v2

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


class Views(Dataset[Tensor | UserError]):
    """Batches of image files as the network sees them, but for scaling by mean and deviation.

    Args:
        folder: what files' names are relative to.
        channels: 1 (grey) or 3.
        transform: of one image (c, h, w) uint8 to another; random through torch's own state alone.
    """

    def __init__(self, folder: Path, channels: int, transform: "v2.Transform") -> None:
        self._folder, self._channels, self._transform = folder, channels, transform

    def __getitem__(self, files: list[Seeded]) -> Tensor | UserError:  # (b, h, w, c) uint8
        try:
            return torch.stack([self._view(name, seed).permute(1, 2, 0) for name, seed in files])
        except UserError as error:  # raised by `load`: torch would make it a text with a traceback
            return error

    def _view(self, name: str, seed: int) -> Tensor:
        image = decode(self._folder / name, self._channels)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            view: Tensor = self._transform(image)
        return view


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
    with forking(__name__, "torchvision.transforms.v2") if loaders else nullcontext() as context:
        arriving = iter(
            DataLoader(
                views,
                sampler=batches,
                batch_size=None,  # the sampler yields whole batches
                num_workers=loaders,
                pin_memory=pinned,
                worker_init_fn=_end_with_parent,
                multiprocessing_context=context,
                generator=torch.Generator(),  # torch's own is left as it was
            )
        )
    try:
        for batch in arriving:
            if isinstance(batch, UserError):
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


def _end_with_parent(_: int) -> None:
    """Do what torch means to do, which watches a process's parent: here that is the server."""
    end_with_parent()
