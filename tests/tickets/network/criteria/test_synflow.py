"""SynFlow's score of a filter is what the network of absolute weights loses without it."""

import pytest
import torch
from torch import Tensor, nn

from loft.models.build import build
from loft.tickets.network.blocks import pruned
from loft.tickets.network.criteria.synflow import worth

IMAGE = (1, 8, 8)


def untrained(name: str) -> nn.Sequential:
    return build(name, 4, channels=1, size=8, classes=10, seed=0)


def flow(network: nn.Sequential, state: dict[str, Tensor]) -> float:
    """The sum of the outputs for ones with absolute weights; untrained BatchNorms only scale."""
    network.load_state_dict({name: tensor.abs() for name, tensor in state.items()})
    with torch.no_grad():
        return float(network.double().eval()(torch.ones(1, *IMAGE, dtype=torch.float64)).sum())


@pytest.mark.parametrize("name", ["preresnet18", "resnet18"])
def test_a_filters_score_is_what_is_lost_without_it(name: str) -> None:
    network = untrained(name)
    state = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    whole = flow(untrained(name), state)
    for path in pruned(network):
        scores = worth(path, network, state, IMAGE)
        for index in (0, 3):
            without = {key: tensor.clone() for key, tensor in state.items()}
            without[f"{path}.conv1.weight"][index] = 0
            lost = whole - flow(untrained(name), without)
            assert lost > 0
            assert float(scores[index]) == pytest.approx(lost, rel=1e-3)


def test_it_needs_no_values_in_the_network_and_changes_nothing() -> None:
    network = untrained("preresnet18")
    state = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    scores = worth("layer2.1", network, state, IMAGE)
    assert all(torch.equal(state[key], tensor) for key, tensor in network.state_dict().items())
    assert torch.equal(worth("layer2.1", untrained("preresnet18").to("meta"), state, IMAGE), scores)


def test_running_statistics_and_signs_do_not_count() -> None:
    network = untrained("preresnet18")
    state = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    scores = worth("layer3.1", network, state, IMAGE)
    for key, tensor in state.items():
        if key.endswith(("running_mean", "running_var")):
            tensor.fill_(3.0)
        elif tensor.ndim == 4:
            tensor.neg_()
    assert torch.equal(worth("layer3.1", network, state, IMAGE), scores)
