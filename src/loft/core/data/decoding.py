"""Decode image files: report damaged ones in one line, refuse those too large for memory."""

import hashlib
import io
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from loft.core.data.originals.regular_files import read
from loft.core.errors import UserError

MODES = {1: "L", 3: "RGB"}  # Pillow's names, by channels
MOST_PIXELS = (
    89_478_485  # pixels of an image before and after scaling; Pillow warns above this number
)
DIGEST = 8  # bytes of a file's SHA-256 that are kept, to notice changes
AGAIN = "; start snakemake again, which makes the data anew"
ORIENTATION = 0x0112  # EXIF's tag
UPRIGHT = {  # by the tag's value: the turn that makes an image upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(path: Path, channels: int, digest: bytes = b"") -> Tensor:
    """Return an image as (channels, h, w) uint8, converted to grey or RGB and turned upright.

    16-bit greys keep their upper 8 bits, transparency is dropped, and the orientation in EXIF is
    applied.

    Args:
        path: the file.
        channels: 1 (grey) or 3 (RGB).
        digest: first bytes of the file's expected SHA-256; b"" checks nothing.

    Raises:
        UserError: the file is missing, damaged, changed, larger than `MOST_PIXELS`, or cannot be
            converted to 8-bit values.
    """
    try:
        content, _ = read(path)
    except UserError as error:
        raise UserError(f"{error}{AGAIN if digest else ''}") from None
    if not hashlib.sha256(content).digest().startswith(digest):
        raise UserError(f"{path}: found another content than when the data were made{AGAIN}")
    return decode_content(content, path, channels)


def decode_content(content: bytes, path: Path, channels: int) -> Tensor:
    """Decode the content of a file as `decode` does. Raises UserError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd metadata
            with Image.open(io.BytesIO(content)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise ValueError(f"{width} x {height} pixels, more than {MOST_PIXELS:,}")
                return _pixels(image, MODES[channels])
    except MemoryError:
        raise
    except Exception as error:  # damage makes Pillow raise exceptions of almost any kind
        unknown = isinstance(error, UnidentifiedImageError)
        said = " ".join(str(error).split()) or type(error).__name__
        text = "no image of a known kind" if unknown else said
        raise UserError(f"{path}: expected a whole image; found: {text}") from None


def _pixels(image: Image.Image, mode: str) -> Tensor:
    image.load()  # TIFF's reader turns the image here and removes the tag
    turn = _turn(image)
    if image.mode.startswith("I;16"):  # Pillow would clip it at 255
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise ValueError(f"32 bits a pixel (Pillow's mode {image.mode})")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    image = image.convert(mode)
    pixels = np.array(image if turn is None else image.transpose(turn))
    return torch.from_numpy(pixels).reshape(*pixels.shape[:2], -1).permute(2, 0, 1)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # damaged EXIF data do not matter: the pixels were decoded
        return None


def refuse_oversized(image: Tensor, resize: int) -> Tensor:
    """Return an image (c, h, w) unchanged. Raises UserError where it is too large to scale."""
    short, long = sorted(image.shape[1:])
    if resize * (resize * long // short) > MOST_PIXELS:
        height, width = image.shape[1:]
        raise UserError(
            f"found {width} x {height} pixels; expected at most {MOST_PIXELS:,} of them when the "
            f"shorter side is scaled to {resize}"
        )
    return image
