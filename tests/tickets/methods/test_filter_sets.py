"""Sets of filters, compared and written by hand."""

import torch

from loft.tickets.methods.filter_sets import common, count, left_out, moving, positions, put_back
from loft.tickets.network.blocks import narrow

BLOCK = "layer2.1"
FIRST, SECOND = {BLOCK: torch.tensor([0, 2, 5])}, {BLOCK: torch.tensor([2, 3, 5])}
WHOLE = {
    f"{BLOCK}.conv1.weight": torch.arange(6.0)[:, None],
    f"{BLOCK}.conv2.weight": torch.arange(6.0)[None, :],
    "stem.conv.weight": torch.zeros(1),
}


def test_common_and_left_out_filters() -> None:
    assert common(FIRST, SECOND)[BLOCK].tolist() == [2, 5]
    assert left_out([FIRST, {BLOCK: torch.tensor([1])}], WHOLE)[BLOCK].tolist() == [3, 4]
    assert count({**FIRST, "layer3.1": torch.tensor([7])}) == 4


def test_positions_of_filters_among_others() -> None:
    assert positions(FIRST, {BLOCK: torch.tensor([2, 5])})[BLOCK].tolist() == [1, 2]


def test_only_tensors_with_filters_move() -> None:
    assert [*moving(WHOLE, FIRST)] == [f"{BLOCK}.conv1.weight", f"{BLOCK}.conv2.weight"]


def test_what_narrow_takes_is_put_back() -> None:
    part = narrow(moving(WHOLE, FIRST), FIRST)
    empty = {name: torch.full_like(tensor, -1) for name, tensor in WHOLE.items()}
    put_back(empty, FIRST, part)
    assert empty[f"{BLOCK}.conv1.weight"].flatten().tolist() == [0, -1, 2, -1, -1, 5]
    assert empty[f"{BLOCK}.conv2.weight"].flatten().tolist() == [0, -1, 2, -1, -1, 5]
