"""Whatever an image file holds becomes the same kind of array, and a damaged one is a line."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from loft.core.decoding import decode
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
