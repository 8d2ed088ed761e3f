"""Cut a run's images into adjacent patches: each pixel is in one patch, so q = 1."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from loft.core.data.dataset import read
from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.theorem1.assumption1 import require_not_parallel, scale_samples
from loft.theorem1.network import Problem
from loft.theorem1.settings import ImagesSettings


def prepare(settings: ImagesSettings, _: int, path: Path | None) -> Problem:
    """Cut the first training images of a data set prepared by `loft data`.

    Images are averaged down to `side` pixels, and the mean of all training images is subtracted.
    Otherwise all images are nearly parallel, and lambda_0 and the step are several times smaller.

    Raises:
        UserError: the file is missing, it has too few images, or two images are parallel.
    """
    if path is None:
        raise UserError("--data: missing; expected images made by 'loft data'")
    data = read(path)
    if not isinstance(data, Images) or len(data.train) < settings.samples:
        raise UserError(f"{path}: expected at least {settings.samples} training images in memory")
    size = (settings.side, settings.side)
    pixels = F.interpolate(data.train.to(torch.float64), size=size, mode="area")
    chosen = (pixels - pixels.mean(0))[: settings.samples]
    windows = F.unfold(chosen, settings.window, stride=settings.window)  # (n, d, p)
    upper = data.train_labels[: settings.samples] >= data.classes / 2
    targets = np.where(upper.numpy(), 1.0, -1.0)
    patches = scale_samples(windows.transpose(1, 2).numpy(), 1)
    return require_not_parallel(Problem(patches, targets), "images")
