"""Draw Gaussian images with one row of pixels, as training data."""

from pathlib import Path

import numpy as np

from loft.core.seeding import stream
from loft.theorem1.assumption1 import require_not_parallel, scale_samples
from loft.theorem1.network import Problem
from loft.theorem1.settings import SyntheticSettings


def prepare(settings: SyntheticSettings, seed: int, _: Path | None) -> Problem:
    """Draw images (n, channels, pixels); a patch is a pixel and the next ones, cyclically."""
    random = stream("theorem1-data", seed)
    images = random.standard_normal((settings.samples, settings.channels, settings.pixels))
    around = (np.arange(settings.pixels)[:, None] + np.arange(settings.filter)) % settings.pixels
    targets = np.asarray(2.0 * random.integers(0, 2, settings.samples) - 1)
    patches = scale_samples(images, settings.filter)[:, :, around]  # (n, channels, p, q)
    patches = patches.transpose(0, 2, 1, 3).reshape(settings.samples, settings.pixels, -1)
    return require_not_parallel(Problem(patches, targets), "synthetic")
