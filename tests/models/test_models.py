"""The networks have the sizes that the paper's numbers are about."""

from typing import Any

import pytest
import torch

from loft.models import NETWORKS
from loft.models.build import build

EVERY = [(name, {"widening": 2} if name.startswith("wide") else {}) for name in NETWORKS]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("preresnet18", 11_171_146),
        ("preresnet34", 21_279_306),
        ("resnet18", 11_173_962),
        ("resnet34", 21_282_122),
    ],
)
def test_parameters_at_the_papers_width(name: str, parameters: int) -> None:
    network = build(name, 64, channels=3, size=32, classes=10)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.parametrize("name", ["resnet18", "resnet34"])
def test_large_images_get_torchvisions_network(name: str) -> None:
    """The post-activation networks for ImageNet are the well-known ones."""
    import torchvision

    ours = build(name, 64, channels=3, size=224, classes=1000)
    theirs = getattr(torchvision.models, name)(weights=None)
    shapes = sorted(tuple(tensor.shape) for tensor in ours.state_dict().values())
    assert shapes == sorted(tuple(tensor.shape) for tensor in theirs.state_dict().values())


def test_widening_leaves_the_stem_alone() -> None:
    wide = build("wideresnet18", 4, channels=3, size=32, classes=10, widening=3)
    assert wide.get_parameter("stem.conv.weight").shape == (4, 3, 3, 3)
    assert wide.get_parameter("layer1.0.conv1.weight").shape == (12, 4, 3, 3)
    assert wide.get_parameter("head.norm.weight").shape == (96,)


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
