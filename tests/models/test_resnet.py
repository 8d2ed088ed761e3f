"""Post-activation networks have the published sizes."""

import pytest

from loft.models.build import build


@pytest.mark.parametrize(
    ("name", "parameters"), [("resnet18", 11_173_962), ("resnet34", 21_282_122)]
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
