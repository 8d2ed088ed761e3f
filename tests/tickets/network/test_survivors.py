"""Pruning removes the filters of least norm, physically, and computes what the mask would."""

from typing import Any

import pytest
import torch
import torch_pruning as tp

from loft.core.seeding import torch_seed
from loft.models.build import build
from loft.tickets.network.blocks import narrow, pruned
from loft.tickets.network.criteria import CRITERIA, criterion
from loft.tickets.network.survivors import removed, score, surviving
from tests.models.test_build import EVERY


def test_counts() -> None:
    assert [removed(filters, 0.5) for filters in (8, 9, 1)] == [4, 4, 0]
    assert [removed(filters, 0.8) for filters in (10, 64, 4)] == [8, 51, 3]
    assert removed(10, 0.7) == 7  # 10 * 0.7 is a little less in floating point


def test_what_stays_is_rounded_up_to_a_multiple() -> None:
    """Of 64, 128, 256 and 512 filters 80 % leave 13, 26, 52 and 103."""
    left = [filters - removed(filters, 0.8, 8) for filters in (64, 128, 256, 512)]
    assert left == [16, 32, 56, 104]
    assert [filters - removed(filters, 0.5, 8) for filters in (64, 12, 6)] == [32, 8, 6]
    assert [removed(10, ratio, 1) for ratio in (0.0, 0.99)] == [0, 9]


def test_the_smallest_filters_go() -> None:
    weight = torch.tensor([3.0, 1.0, 2.0, 4.0]).view(4, 1, 1, 1).expand(4, 2, 3, 3)
    kept = surviving({"layer1.1": criterion("l2")(weight)}, 0.5)
    assert kept["layer1.1"].tolist() == [0, 3]


def trained(name: str, own: dict[str, Any]) -> torch.nn.Module:
    """A network whose statistics and affine parameters are not those of a new one."""
    torch.manual_seed(torch_seed("test"))
    full = build(name, 8, channels=3, size=32, classes=10, seed=0, **own)
    with torch.no_grad():
        for module in full.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean = torch.randn_like(module.weight)
                module.running_var = torch.rand_like(module.weight) + 0.5
                module.weight.normal_()
                module.bias.normal_()
    return full.eval()


@pytest.mark.parametrize("by", CRITERIA)
def test_every_criterion_scores_every_filter(by: str) -> None:
    full = trained("preresnet18", {})
    scores = score(by, full, full.state_dict(), (3, 32, 32), 0)
    assert {path: len(worth) for path, worth in scores.items()} == pruned(full)
    assert all(worth.isfinite().all() and (worth >= 0).all() for worth in scores.values())
    again = score(by, full, full.state_dict(), (3, 32, 32), 0)
    assert all(torch.equal(again[path], worth) for path, worth in scores.items())


@pytest.mark.parametrize(("name", "own"), EVERY)
def test_a_pruned_ticket_gives_the_logits_of_the_masked_network(
    name: str, own: dict[str, Any]
) -> None:
    full = trained(name, own)
    state = full.state_dict()
    kept = surviving(score("l2", full, state, (3, 32, 32), 0), 0.8)
    filters = {path: len(indices) for path, indices in kept.items()}
    small = build(name, 8, channels=3, size=32, classes=10, filters=filters, **own)
    small.load_state_dict(narrow(state, kept), assign=True)
    masked = {name: tensor.clone() for name, tensor in state.items()}
    for path, indices in kept.items():
        gone = [i for i in range(state[f"{path}.conv1.weight"].shape[0]) if i not in indices]
        masked[f"{path}.conv2.weight"][:, gone] = 0
    full.load_state_dict(masked)
    image = torch.randn(2, 3, 16, 16)
    assert torch.allclose(small.eval()(image), full(image), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "own"), EVERY)
def test_torch_pruning_makes_the_same_network(name: str, own: dict[str, Any]) -> None:
    """The same filters chosen by torch alone, removed by a library that traces the network."""
    full = trained(name, own)
    kept = surviving(score("l2", full, full.state_dict(), (3, 32, 32), 0), 0.5)
    ours = narrow(full.state_dict(), kept)
    graph = tp.DependencyGraph().build_dependency(full, torch.zeros(1, 3, 32, 32))
    for path in pruned(full):
        convolution = full.get_submodule(f"{path}.conv1")
        assert isinstance(convolution, torch.nn.Conv2d)
        norms = convolution.weight.detach().flatten(1).norm(dim=1)
        smallest = norms.topk(len(norms) // 2, largest=False).indices.tolist()
        graph.get_pruning_group(convolution, tp.prune_conv_out_channels, smallest).prune()
    theirs = full.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
