"""Pruning removes the filters of least norm, physically, and computes what the mask would."""

import torch

from loft import models
from loft.core.seeding import torch_seed
from loft.tickets.blocks import narrow, pruned
from loft.tickets.pruning import removed, surviving


def test_counts() -> None:
    assert [removed(filters, 0.5) for filters in (8, 9, 1)] == [4, 4, 0]
    assert [removed(filters, 0.8) for filters in (10, 64, 4)] == [8, 51, 3]
    assert removed(10, 0.7) == 7  # 10 * 0.7 is a little less in floating point


def test_the_smallest_filters_go() -> None:
    weight = torch.tensor([3.0, 1.0, 2.0, 4.0]).view(4, 1, 1, 1).expand(4, 2, 3, 3)
    kept = surviving({"layer1.1.conv1.weight": weight}, {"layer1.1": 4}, 0.5)
    assert kept["layer1.1"].tolist() == [0, 3]


def test_a_pruned_ticket_gives_the_logits_of_the_masked_network() -> None:
    torch.manual_seed(torch_seed("test"))
    full = models.build("preresnet18", 8, 3, 10, seed=0)
    with torch.no_grad():  # statistics and affine parameters that are not those of a new network
        for module in full.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean = torch.randn_like(module.weight)
                module.running_var = torch.rand_like(module.weight) + 0.5
                module.weight.normal_()
                module.bias.normal_()
    state = full.state_dict()
    kept = surviving(state, pruned(full), 0.8)
    small = models.build("preresnet18", 8, 3, 10, {p: len(k) for p, k in kept.items()}, seed=1)
    small.load_state_dict(narrow(state, kept))
    masked = {name: tensor.clone() for name, tensor in state.items()}
    for path, filters in kept.items():
        gone = [i for i in range(state[f"{path}.conv1.weight"].shape[0]) if i not in filters]
        masked[f"{path}.conv2.weight"][:, gone] = 0
    full.load_state_dict(masked)
    image = torch.randn(2, 3, 16, 16)
    assert torch.allclose(small.eval()(image), full.eval()(image), atol=1e-5)
