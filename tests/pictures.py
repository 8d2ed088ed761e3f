"""Small folders of images in class folders: of all the kinds that a real one may hold."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CLASSES = ["Zebra", "ant", "bee"]  # as sorting by code point orders them
KINDS = [("RGB", "JPEG"), ("L", "jpg"), ("CMYK", "jpeg"), ("P", "png"), ("RGBA", "png")]


def picture(number: int, mode: str) -> Image.Image:
    """A smooth image of its own, oblong, tinted by its number's class."""
    random = np.random.default_rng(number)
    width, height = random.integers(24, 72, 2)
    tint = np.zeros(3)
    tint[number % 3] = 120
    coarse = (random.integers(0, 136, (4, 5, 3)) + tint).astype(np.uint8)
    return Image.fromarray(coarse).resize((width, height)).convert(mode)


def fill(folder: Path, each: int, start: int = 0) -> None:
    """Write `each` images into a folder for every class."""
    for number, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for image in range(each):
            mode, suffix = KINDS[image % len(KINDS)]
            drawn = picture(3 * (start + image) + number, mode)
            drawn.save(folder / name / f"{image:02}.{suffix}")


def write_folder(root: Path, train: int = 10, test: int = 5) -> None:
    """Write `train` and `test` images of each class."""
    fill(root / "train", train)
    fill(root / "val", test, start=train)
    (root / "train" / "ant" / "notes.txt").write_text("no image", encoding="utf-8")


def settings(root: Path, **changed: Any) -> dict[str, Any]:
    """A run's data settings for such a folder."""
    return {
        "name": "folder",
        "dataset": "pictures",
        "data_dir": str(root),
        "train_folder": "train",
        "test_folder": "val",
        "size": 16,
        "resize": 20,
        "channels": 3,
        "train_images": None,
        "test_images": None,
        "split_seed": 0,
        "statistics_images": 20,
        "loaders": 0,
        **changed,
    }


AUGMENT = {"scale": [0.3, 1.0], "ratio": [0.75, 1.3333], "flip": True}
