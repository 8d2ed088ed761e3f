"""The last feature maps of networks have the predicted size."""

from typing import Any

import pytest
import torch
from torch import nn

from loft.models.build import build
from loft.models.settings import last_map


@pytest.mark.parametrize("size", [8, 9, 16, 31, 32, 64])
@pytest.mark.parametrize("name", ["preresnet18", "resnet34", "wideresnet18"])
def test_the_last_map_is_known_from_the_size(name: str, size: int) -> None:
    own: dict[str, Any] = {"widening": 2} if name.startswith("wide") else {}
    network = build(name, 1, channels=1, size=size, classes=2, seed=0, **own)
    maps = nn.Sequential(*[*network][:-1])(torch.zeros(2, 1, size, size))
    assert maps.shape[2:] == (last_map(size),) * 2
