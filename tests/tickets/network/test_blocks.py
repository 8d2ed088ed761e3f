"""Which blocks are partitioned and which are pruned: two sets."""

from typing import Any

import pytest
import torch

from loft.models.build import build
from loft.tickets.network.blocks import narrow, partitioned, pruned, unnormalised_branches

PLAIN_34 = (
    [f"layer2.{i}" for i in range(1, 4)]
    + [f"layer3.{i}" for i in range(1, 6)]
    + [f"layer4.{i}" for i in range(1, 3)]
)
KINDS = ["preresnet", "resnet", "wideresnet"]


def network(name: str) -> torch.nn.Module:
    own: dict[str, Any] = {"widening": 2} if name.startswith("wide") else {}
    return build(name, 4, channels=3, size=32, classes=10, **own)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[(f"{kind}18", ["layer2.1", "layer3.1", "layer4.1"]) for kind in KINDS],
        *[(f"{kind}34", PLAIN_34) for kind in KINDS],
    ],
)
def test_partitioned_blocks_have_no_stride_and_are_not_in_the_first_group(
    name: str, expected: list[str]
) -> None:
    assert list(partitioned(network(name))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[(f"{kind}18", ["layer1.1", "layer2.1", "layer3.1", "layer4.1"]) for kind in KINDS],
        *[(f"{kind}34", ["layer1.1", "layer1.2", *PLAIN_34]) for kind in KINDS],
    ],
)
def test_pruned_blocks_are_all_but_the_first_and_the_strided(
    name: str, expected: list[str]
) -> None:
    assert list(pruned(network(name))) == expected


def test_a_narrowed_state_fits_the_narrow_network() -> None:
    full = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)
    kept = {"layer2.1": torch.tensor([0, 5]), "layer4.1": torch.arange(3)}
    small = build(
        "preresnet18",
        4,
        channels=1,
        size=8,
        classes=10,
        filters={"layer2.1": 2, "layer4.1": 3},
        seed=1,
    )
    small.load_state_dict(narrow(full.state_dict(), kept))
    taken = small.get_parameter("layer2.1.conv1.weight")
    assert torch.equal(taken, full.get_parameter("layer2.1.conv1.weight")[[0, 5]])


def test_branches_that_a_batchnorm_follows_have_no_scale_to_mend() -> None:
    """A post-activation block's output is normalised, a pre-activation block's is not."""
    shape: dict[str, Any] = {"width": 4, "channels": 1, "size": 8, "classes": 10}
    assert unnormalised_branches(build("resnet18", **shape)) == []
    model = build("preresnet18", **shape)
    assert unnormalised_branches(model) == [f"{path}.conv2.weight" for path in partitioned(model)]
