"""Read a run's training images as samples for a model."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from loft.core.data.dataset import read
from loft.core.data.resident_images import Images
from loft.core.data.settings import PaddedCrop
from loft.core.errors import UserError
from loft.diversity.models import AnyModel, LogisticSettings


class Samples(NamedTuple):
    """Inputs and targets, with the shapes that a network needs.

    Attributes:
        inputs: images (n, c, h, w); for logistic regression pixels (n, c * h * w), scaled to a mean
            squared length of 1.
        targets: classes (n,).
    """

    dataset: str
    channels: int
    size: int
    classes: int
    inputs: Tensor
    targets: Tensor


def read_samples(path: Path, model: AnyModel, count: int) -> Samples:
    """Read and normalise the first `count` training images; two classes for logistic regression.

    Raises:
        UserError: the file is missing or has too few images.
    """
    data = read(path)
    if not isinstance(data, Images):
        raise UserError(f"{path}: expected images in memory")
    labels = data.train_labels
    chosen = torch.arange(len(labels))
    if isinstance(model, LogisticSettings):
        chosen = chosen[torch.isin(labels, torch.tensor(model.pair))]
    if len(chosen) < count:
        raise UserError(f"samples: found {count}; expected at most {len(chosen)}, of {path}")
    chosen = chosen[:count]
    plain = data.batches(PaddedCrop(crop_padding=0, flip=False), 1, "cpu")
    images = torch.cat([*plain.calibration(data.train_images, 1000)])[chosen].contiguous()
    targets, classes = labels[chosen], data.classes
    if isinstance(model, LogisticSettings):
        images = images.flatten(1)
        images = images / images.square().sum(1).mean().sqrt()
        targets, classes = (targets == model.pair[1]).long(), 2
    return Samples(data.dataset, data.channels, data.size, classes, images, targets)
