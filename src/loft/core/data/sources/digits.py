"""Prepare scikit-learn's handwritten digits."""

import torch
from torch.nn import functional as F

from loft.core.data.resident_images import Images
from loft.core.data.sources.settings import DigitsData
from loft.core.errors import UserError
from loft.core.seeding import stream

NAMES = [str(digit) for digit in range(10)]


def prepare(settings: DigitsData, _: object) -> Images:
    """Upsample the digits and split them into training and test images."""
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    total = settings.train_images + settings.test_images
    if total > len(labels):
        raise UserError(
            f"data.train_images + data.test_images: found {total}; expected at most {len(labels)}"
        )
    images = torch.tensor(values, dtype=torch.float32).reshape(-1, 1, 8, 8) * (255 / 16)
    images = F.interpolate(images, size=settings.size, mode="bilinear", align_corners=False)
    order = stream("split", settings.split_seed).permutation(len(labels))[:total]
    pixels, truth = images.round().to(torch.uint8), torch.tensor(labels)
    train = torch.from_numpy(order[: settings.train_images])
    test = torch.from_numpy(order[settings.train_images :])
    return Images("digits", NAMES, pixels[train], truth[train], pixels[test], truth[test])
