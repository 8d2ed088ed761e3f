"""Test the samples that are read of a run's images."""

from pathlib import Path

import pytest
import torch

from loft.core.data.resident_images import Images
from loft.core.errors import UserError
from loft.diversity.image_samples import read_samples
from loft.diversity.models import ConvnetSettings, LogisticSettings


def test_samples_of_two_classes_are_scaled_to_length_1(images: Images, images_file: Path) -> None:
    pair = LogisticSettings(name="logistic", pair=[3, 8])
    found = read_samples(images_file, pair, 20)
    assert found.inputs.shape == (20, 64)
    assert float(found.inputs.square().sum(1).mean()) == pytest.approx(1)
    labels = [int(label) for label in images.train_labels if int(label) in (3, 8)][:20]
    assert found.targets.tolist() == [int(label == 8) for label in labels]
    every = read_samples(images_file, ConvnetSettings(name="convnet", width=2), 30)
    assert torch.equal(every.targets, images.train_labels[:30])
    with pytest.raises(UserError, match="samples: found 161; expected at most 160"):
        read_samples(images_file, ConvnetSettings(name="convnet", width=2), 161)
