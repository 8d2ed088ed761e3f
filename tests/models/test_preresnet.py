"""The networks have the sizes that the paper's numbers are about."""

import pytest
import torch

from loft import models


@pytest.mark.parametrize(
    ("name", "parameters"), [("preresnet18", 11_171_146), ("preresnet34", 21_279_306)]
)
def test_parameters_at_the_papers_width(name: str, parameters: int) -> None:
    network = models.build(name, 64, 3, 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_a_seed_gives_its_weights_and_leaves_torchs_own_state_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    one, same, other = (models.build("preresnet18", 4, 1, 10, seed=s) for s in (5, 5, 6))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(one.get_parameter("stem.weight"), same.get_parameter("stem.weight"))
    assert not torch.equal(one.get_parameter("stem.weight"), other.get_parameter("stem.weight"))


def test_images_of_any_size_become_logits() -> None:
    network = models.build("preresnet18", 4, 3, 7, seed=0)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 7)
    assert network.get_submodule("layer4")(torch.zeros(1, 16, 8, 8)).shape == (1, 32, 4, 4)
