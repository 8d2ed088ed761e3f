"""Early-Bird's criterion is the size of the scale after a filter."""

import torch

from loft.models.build import build
from loft.tickets.network.survivors import score, surviving


def test_filters_with_the_smallest_scales_go() -> None:
    """Whatever their weights and the sign of the scale."""
    network = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)
    state = network.state_dict()
    state["layer1.1.between.weight"] = torch.tensor([0.3, -0.9, 0.1, 0.2])
    state["layer1.1.conv1.weight"][2] *= 100
    kept = surviving(score("early_bird", network, state, (1, 8, 8), 0), 0.5)
    assert kept["layer1.1"].tolist() == [0, 1]
    by_norm = surviving(score("l2", network, state, (1, 8, 8), 0), 0.5)
    assert 2 in by_norm["layer1.1"].tolist()


def test_an_untrained_network_keeps_its_first_filters() -> None:
    network = build("resnet18", 4, channels=1, size=8, classes=10, seed=0)
    kept = surviving(score("early_bird", network, network.state_dict(), (1, 8, 8), 0), 0.5)
    assert all(indices.tolist() == [*range(len(indices))] for indices in kept.values())
