"""Names of tensors are split into those that LoFT partitions, shares, and the others."""

from loft.models.build import build
from loft.tickets.methods.counting import count_numbers, split_names
from loft.tickets.methods.transfer import MOMENTUM
from loft.tickets.network.blocks import partitioned

NETWORK = build("preresnet18", 4, channels=1, size=8, classes=10)


def test_names_are_split_by_what_moves_with_a_filter() -> None:
    names = ["stem.conv.weight", "layer1.0.conv1.weight", "layer2.1.conv1.weight"]
    names += ["layer2.1.between.bias", "layer2.1.before.weight", "head.linear.weight"]
    part, shared, rest = split_names(names, partitioned(NETWORK))
    assert part == ["layer2.1.conv1.weight", "layer2.1.between.bias"]
    assert shared == ["layer1.0.conv1.weight"]
    assert rest == ["stem.conv.weight", "layer2.1.before.weight", "head.linear.weight"]


def test_a_momentum_buffer_has_its_parameters_numbers() -> None:
    name = "layer2.1.conv1.weight"
    assert count_numbers(NETWORK, [name]) == 8 * 8 * 3 * 3
    assert count_numbers(NETWORK, [name, MOMENTUM + name]) == 2 * 8 * 8 * 3 * 3
