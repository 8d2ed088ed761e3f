"""Data are what Assumption 1 says, and what cannot be is one clear line."""

from pathlib import Path

import numpy as np
import pytest

from loft.core.data.dataset import read
from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.theorem1 import images, synthetic
from loft.theorem1.config import ImagesSettings, SyntheticSettings
from loft.theorem1.network import Problem


def test_gaussian_patches_are_normalised_and_wrap_around() -> None:
    problem = synthetic.prepare(
        SyntheticSettings(samples=4, channels=2, pixels=5, filter=3), 0, None
    )
    assert problem.patches.shape == (4, 5, 6)
    np.testing.assert_allclose(np.square(problem.patches).sum((1, 2)), 1)  # q |X|^2 = 1
    windows = problem.patches.reshape(4, 5, 2, 3)
    np.testing.assert_allclose(windows[:, 0, :, 1], windows[:, 1, :, 0])
    np.testing.assert_allclose(windows[:, 4, :, 1], windows[:, 0, :, 0])
    assert set(problem.targets) <= {-1.0, 1.0}


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


def test_parallel_samples() -> None:
    """One channel and one pixel: all samples are +1 or -1 after normalisation."""
    with pytest.raises(UserError, match=r"theorem1.synthetic.samples: found a kernel"):
        synthetic.prepare(SyntheticSettings(samples=3, channels=1, pixels=1, filter=1), 0, None)


def test_a_problem_knows_its_sizes(problem: Problem) -> None:
    assert (problem.samples, problem.length) == (3, 4)
