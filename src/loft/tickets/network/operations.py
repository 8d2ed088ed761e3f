"""Count the operations of networks: convolutions and classifier, two to a multiply-add.

BatchNorm, ReLU and additions are not counted.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

IMAGES = 2  # in a batch; BatchNorm refuses a single value per channel while training


def forward_operations(network: nn.Module, image: Sequence[int]) -> int:
    """Return the operations of a forward pass on one image of shape (channels, height, width)."""
    device = next(network.parameters()).device
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, *image, device=device))
    return int(counter.get_total_flops())


def training_operations(network: nn.Module, image: Sequence[int]) -> int:
    """Return the operations of a forward and a backward pass on one image (c, h, w).

    The network is on "meta" and has no values.
    """
    network.train()
    with FlopCounterMode(display=False) as counter:
        leaving = network(torch.empty(IMAGES, *image, device="meta"))
        torch.autograd.backward(leaving, torch.empty_like(leaving))
    network.zero_grad()
    return int(counter.get_total_flops()) // IMAGES
