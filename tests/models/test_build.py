"""Every network is built from a seed and maps images to logits."""

from typing import Any

import pytest
import torch

from loft.models import NETWORKS
from loft.models.build import build

EVERY = [(name, {"widening": 2} if name.startswith("wide") else {}) for name in NETWORKS]


def test_a_seed_gives_its_weights_and_leaves_torchs_own_state_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    one, same, other = (
        build("preresnet18", 4, channels=1, size=8, classes=10, seed=s) for s in (5, 5, 6)
    )
    assert torch.equal(torch.rand(3), expected)
    name = "stem.conv.weight"
    assert torch.equal(one.get_parameter(name), same.get_parameter(name))
    assert not torch.equal(one.get_parameter(name), other.get_parameter(name))


@pytest.mark.parametrize(("name", "own"), EVERY)
@pytest.mark.parametrize(("size", "before_groups"), [(32, 32), (96, 24)])
def test_images_become_logits(
    name: str, own: dict[str, Any], size: int, before_groups: int
) -> None:
    network = build(name, 4, channels=3, size=size, classes=7, seed=0, **own)
    images = torch.zeros(2, 3, size, size)
    assert network(images).shape == (2, 7)
    stem = network.get_submodule("stem")(images)
    assert stem.shape == (2, 4, before_groups, before_groups)
