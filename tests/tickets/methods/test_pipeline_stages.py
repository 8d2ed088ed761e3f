"""Where networks are cut, and what crosses the cuts."""

import pytest
import torch

from loft.core.settings.shared import ComputeSettings
from loft.models.build import build
from loft.tickets.methods.pipeline_stages import (
    Stage,
    boundaries,
    floats_across_cuts,
    stage_layers,
)

SMALL = build("preresnet18", 4, channels=3, size=32, classes=10)
DEEP = build("preresnet34", 4, channels=3, size=32, classes=10)


@pytest.mark.parametrize(
    ("network", "stages", "expected"),
    [
        (SMALL, 2, [["stem", "layer1", "layer2"], ["layer3", "layer4", "head"]]),
        (
            SMALL,
            4,
            [["stem", "layer1.0"], ["layer1.1"], ["layer2"], ["layer3", "layer4", "head"]],
        ),
        (DEEP, 4, [["stem", "layer1"], ["layer2"], ["layer3"], ["layer4", "head"]]),
    ],
)
def test_cuts(network: torch.nn.Sequential, stages: int, expected: list[list[str]]) -> None:
    assert stage_layers(network, stages) == expected


def test_a_network_whose_stem_pools_is_cut_earlier() -> None:
    pooling = build("resnet34", 4, channels=3, size=224, classes=10)
    assert stage_layers(pooling, 2)[0] == ["stem", "layer1"]


def test_other_numbers_of_stages_are_refused() -> None:
    with pytest.raises(ValueError, match="3 pipeline stages"):
        stage_layers(SMALL, 3)


def test_shapes_at_the_cuts() -> None:
    """Widths 4 and 8, on 32 x 32 and 16 x 16 pixels."""
    found = boundaries(SMALL, stage_layers(SMALL, 4), 5, (3, 32, 32))
    shapes = [(5, 3, 32, 32), (5, 4, 32, 32), (5, 4, 32, 32), (5, 8, 16, 16), (5, 10)]
    assert [tuple(tensor.shape) for tensor in found] == shapes
    assert [tensor.requires_grad for tensor in found] == [False, True, True, True, True]
    assert floats_across_cuts(SMALL, 4, (3, 32, 32)) == 2 * 4 * 32 * 32 + 8 * 16 * 16


def test_the_stages_one_after_another_are_the_network() -> None:
    network = build("preresnet18", 4, channels=3, size=8, classes=10, seed=0).eval()
    compute = ComputeSettings(threads=1, precision="float32")
    x = torch.rand(2, 3, 8, 8)
    expected = network(x)
    for rank, paths in enumerate(stage_layers(network, 2)):
        layers = torch.nn.Sequential(*(network.get_submodule(path) for path in paths))
        x = Stage(layers, compute, rank, "cpu").eval()(x)
    torch.testing.assert_close(x, expected)
