"""Pre-activation networks have the size that the paper's numbers are about."""

import pytest
import torch

from loft.models.build import build


@pytest.mark.parametrize(
    ("name", "parameters"), [("preresnet18", 11_171_146), ("preresnet34", 21_279_306)]
)
def test_parameters_at_the_papers_width(name: str, parameters: int) -> None:
    network = build(name, 64, channels=3, size=32, classes=10)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_a_narrowed_block_keeps_its_input_and_output() -> None:
    given = {"channels": 3, "size": 8, "classes": 5}
    network = build("preresnet18", 4, **given, filters={"layer2.1": 3}, seed=0)
    block = network.get_submodule("layer2.1")
    assert block.get_parameter("conv1.weight").shape == (3, 8, 3, 3)
    assert block.get_parameter("conv2.weight").shape == (8, 3, 3, 3)
    assert network(torch.zeros(2, 3, 8, 8)).shape == (2, 5)
