"""Operations of networks, two to a multiply-add."""

import torch
from torch import nn

from loft.models.build import build
from loft.tickets.network.operations import forward_operations, training_operations

IMAGE = 3, 8, 8


def test_a_convolution_by_hand() -> None:
    """Each of 5 x 8 x 8 outputs takes 3 x 3 x 3 multiply-adds; weights' gradients as many."""
    layer = nn.Conv2d(3, 5, 3, padding=1, bias=False)
    forward = 2 * 5 * 8 * 8 * 3 * 3 * 3
    assert forward_operations(layer, IMAGE) == forward
    assert training_operations(layer.to("meta"), IMAGE) == 2 * forward  # images need no gradient


def test_a_network_needs_no_values() -> None:
    network = build("preresnet18", 4, channels=3, size=8, classes=10)
    forward = forward_operations(network, IMAGE)
    assert 2.9 * forward < training_operations(network, IMAGE) < 3 * forward
    assert all(tensor.grad is None for tensor in network.parameters())
    assert next(network.parameters()).device == torch.device("meta")
