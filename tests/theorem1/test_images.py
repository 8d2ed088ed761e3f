"""Test the patches of a run's images."""

from pathlib import Path

import numpy as np
import pytest

from loft.core.data.dataset import read
from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.theorem1 import images
from loft.theorem1.settings import ImagesSettings


def test_image_patches_hold_each_pixel_once(images_file: Path) -> None:
    settings = ImagesSettings(samples=3, side=8, window=4)
    problem = images.prepare(settings, 0, images_file)
    assert problem.patches.shape == (3, 4, 16)
    np.testing.assert_allclose(np.square(problem.patches).sum((1, 2)), 1)
    made = read(images_file)
    assert isinstance(made, Images)
    pixels = made.train.double()[:, 0].numpy()  # already 8 pixels a side
    first = (pixels[0] - pixels.mean(0))[:4, 4:].ravel()  # upper right window
    cosine = first @ problem.patches[0, 1] / np.linalg.norm(first)
    assert cosine == pytest.approx(np.linalg.norm(problem.patches[0, 1]))
    assert problem.targets.tolist() == [
        1.0 if label >= 5 else -1.0 for label in made.train_labels[:3].tolist()
    ]


def test_too_few_images(images_file: Path) -> None:
    with pytest.raises(UserError, match="expected at least 9999 training images"):
        images.prepare(ImagesSettings(samples=9999, side=8, window=4), 0, images_file)
