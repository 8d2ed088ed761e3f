"""Whatever an image file holds becomes the same kind of array, and a damaged one is a line."""

import hashlib
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from loft.core.data.decoding import DIGEST, ORIENTATION, decode
from loft.core.errors import UserError
from tests.pictures import picture


def decoded(path: Path, channels: int = 3) -> np.ndarray:
    image = decode(path, channels)
    assert image.dtype == torch.uint8
    return image.permute(1, 2, 0).numpy()


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("L", "png"), ("L", "jpg"), ("1", "png"), ("P", "png"), ("RGBA", "png"), ("LA", "png"),
     ("CMYK", "jpg"), ("RGB", "bmp"), ("L", "pgm"), ("RGB", "webp"), ("RGB", "tiff")],
)  # fmt: skip
def test_every_kind_of_image_is_as_large_as_it_was_and_in_the_channels_asked_for(
    tmp_path: Path, mode: str, suffix: str
) -> None:
    drawn = picture(1, mode)
    path = tmp_path / f"x.{suffix}"
    drawn.save(path)
    height, width = drawn.height, drawn.width
    assert height != width
    assert decoded(path).shape == (height, width, 3)
    assert decoded(path, channels=1).shape == (height, width, 1)
    lossy = suffix in ("jpg", "webp")
    difference = np.abs(decoded(path).astype(int) - np.asarray(drawn.convert("RGB")).astype(int))
    assert difference.mean() <= (8 if lossy else 0)


def test_grey_is_the_same_in_each_of_three_channels(tmp_path: Path) -> None:
    picture(0, "L").save(tmp_path / "grey.png")
    colours = decode(tmp_path / "grey.png", 3)
    assert torch.equal(colours, decode(tmp_path / "grey.png", 1).expand(3, -1, -1))


def test_of_16_bits_the_upper_8_count(tmp_path: Path) -> None:
    values = np.array([[0, 255, 256], [257, 32768, 65535]], dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    assert decode(tmp_path / "deep.png", 1).tolist() == [[[0, 0, 1], [1, 128, 255]]]


def test_transparency_is_left_out(tmp_path: Path) -> None:
    """Pillow warns of a palette's, which here would be an error."""
    palette = picture(2, "P")
    palette.save(tmp_path / "x.png", transparency=bytes([0, 128]))
    assert np.array_equal(decoded(tmp_path / "x.png"), np.asarray(palette.convert("RGB")))


@pytest.mark.parametrize("damage", ["truncated", "text", "empty", "missing", "float"])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_damaged_file_is_one_line_that_names_it(tmp_path: Path, damage: str, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    picture(0, "RGB").save(path)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-400])
    elif damage == "text":
        path.write_text("no image", encoding="utf-8")
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "float":
        Image.fromarray(np.ones((3, 3), dtype=np.float32)).save(path, format="TIFF")
    else:
        path.unlink()
    with pytest.raises(UserError) as error:
        decode(path, 3)
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert ("no such file" if damage == "missing" else "expected a whole image; found: ") in text
    assert "\n" not in text


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "webp"])
def test_an_image_is_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    """As the person who took it sees it, whichever way the camera was held."""
    drawn = picture(1, "RGB")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    drawn.save(tmp_path / f"x.{suffix}", exif=exif)
    with Image.open(tmp_path / f"x.{suffix}") as image:
        upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert np.array_equal(decoded(tmp_path / f"x.{suffix}"), upright)
    swapped = upright.shape[:2] == (drawn.width, drawn.height)
    assert swapped == (orientation >= 5)


def test_damaged_notes_leave_the_image(tmp_path: Path) -> None:
    drawn = picture(1, "RGB")
    for number, notes in enumerate([b"", b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\xff", b"x" * 40]):
        path = tmp_path / f"{number}.jpg"
        drawn.save(path, exif=notes)
        assert decoded(path).shape == (drawn.height, drawn.width, 3)


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(UserError, match=r"x.png: found a pipe; expected a file"):
        decode(tmp_path / "x.png", 3)


def test_an_image_with_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    """The size in its header is believed; its pixels would take 300 GB."""
    path = tmp_path / "x.png"
    picture(0, "RGB").save(path)
    for side, found in [(10_000, "10000 x 10000 pixels, more than 89,478,485"), (10**5, "limit")]:
        content = bytearray(path.read_bytes())
        content[16:24] = side.to_bytes(4, "big") * 2
        content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
        (tmp_path / "huge.png").write_bytes(content)
        with pytest.raises(UserError, match="expected a whole image; found: ") as error:
            decode(tmp_path / "huge.png", 3)
        assert found in str(error.value)


def test_another_content_than_was_found_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    picture(0, "RGB").save(path)
    digest = hashlib.sha256(path.read_bytes()).digest()[:DIGEST]
    first = decode(path, 3, digest)
    assert torch.equal(first, decode(path, 3))
    picture(1, "RGB").save(path)
    with pytest.raises(UserError, match=r"x.png: found another content than .*; start snakemake"):
        decode(path, 3, digest)
    path.unlink()
    with pytest.raises(UserError, match=r"x.png: no such file; start snakemake again"):
        decode(path, 3, digest)
