"""Score filters by SynFlow, which needs no data (Tanaka et al., 2020, Algorithm 1).

R is the sum of the outputs for an image of ones of the network whose weights are their absolute
values. A weight's score is |weight dR/dweight| (equation 2), the part of R that flows through it; a
filter's is the sum over its weights. BatchNorm neither shifts nor divides: running means are 0 and
variances 1, as in an untrained network, for which SynFlow is meant.

Algorithm 1 prunes a little at a time, in 100 iterations, so that no layer loses all its weights
when all weights are ranked together. Here every block loses the same ratio of its filters, so no
layer can, and one iteration is taken.
"""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn


def worth(
    path: str, network: nn.Module, state: Mapping[str, Tensor], image: tuple[int, int, int]
) -> Tensor:
    """Return how much of R flows through every filter of a block (filters,)."""
    positive = copy.deepcopy(network).eval()
    positive.load_state_dict(
        {name: _positive(name, tensor) for name, tensor in state.items()}, assign=True
    )
    weight = positive.get_parameter(f"{path}.conv1.weight")
    # float64, because R is a product over all layers
    flow = positive(torch.ones(1, *image, dtype=torch.float64)).sum()
    (gradient,) = torch.autograd.grad(flow, weight)
    return (weight.detach() * gradient).flatten(1).sum(1)


def _positive(name: str, tensor: Tensor) -> Tensor:
    """Return a tensor of the network with positive weights, in float64."""
    if name.endswith(".running_mean"):
        return torch.zeros_like(tensor, dtype=torch.float64)
    if name.endswith(".running_var"):
        return torch.ones_like(tensor, dtype=torch.float64)
    return tensor.double().abs() if tensor.is_floating_point() else tensor
