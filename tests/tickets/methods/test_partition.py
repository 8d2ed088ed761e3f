"""Algorithm 1's two operations: the partition covers and is disjoint; aggregation undoes it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loft.models.build import build
from loft.tickets.methods.partition import aggregate, draw, shares
from loft.tickets.network.blocks import moves_with, narrow, partitioned


@given(
    seed=st.integers(0, 2**32),
    round_number=st.integers(0, 10**6),
    filters=st.lists(st.integers(4, 70), min_size=1, max_size=4),
    workers=st.integers(1, 4),
)
def test_every_filter_is_one_workers(
    seed: int, round_number: int, filters: list[int], workers: int
) -> None:
    blocks = {f"layer{group}.1": count for group, count in enumerate(filters, start=1)}
    parts = draw(seed, round_number, blocks, workers)
    for path, count in blocks.items():
        together = torch.cat([part[path] for part in parts])
        assert together.sort().values.tolist() == list(range(count))
        for worker, part in enumerate(parts):
            assert len(part[path]) == shares(blocks, workers, worker)[path]


def test_rounds_and_seeds_draw_anew_and_repeat() -> None:
    blocks = {"layer2.1": 64}

    def first(seed: int, round_number: int) -> list[int]:
        return draw(seed, round_number, blocks, 2)[0]["layer2.1"].tolist()

    assert first(0, 0) == first(0, 0)
    assert first(0, 0) != first(0, 1)
    assert first(0, 0) != first(1, 0)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_aggregating_an_untouched_partition_gives_the_model_back(workers: int) -> None:
    model = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)
    before = {name: tensor.clone() for name, tensor in model.named_parameters()}
    whole = {name: tensor.clone() for name, tensor in before.items()}
    parts = draw(0, 0, partitioned(model), workers)
    trained = [narrow({n: t.clone() for n, t in before.items()}, part) for part in parts]
    aggregate(whole, zip(trained, parts, strict=True), workers)
    assert all(torch.equal(whole[name], before[name]) for name in before)


def test_filters_go_home_and_shared_tensors_are_averaged() -> None:
    """Two workers, one block of two filters with one weight each, one shared number."""
    whole = {
        "layer2.1.conv1.weight": torch.tensor([[1.0], [2.0]]),
        "layer2.1.conv2.weight": torch.tensor([[3.0, 4.0]]),
        "stem.conv.weight": torch.tensor([10.0]),
    }
    parts = [
        {
            "layer2.1.conv1.weight": torch.tensor([[20.0]]),
            "layer2.1.conv2.weight": torch.tensor([[40.0]]),
            "stem.conv.weight": torch.tensor([1.0]),
        },
        {
            "layer2.1.conv1.weight": torch.tensor([[10.0]]),
            "layer2.1.conv2.weight": torch.tensor([[30.0]]),
            "stem.conv.weight": torch.tensor([4.0]),
        },
    ]
    kept = [{"layer2.1": torch.tensor([1])}, {"layer2.1": torch.tensor([0])}]
    aggregate(whole, zip(parts, kept, strict=True), 2)
    assert whole["layer2.1.conv1.weight"].tolist() == [[10.0], [20.0]]
    assert whole["layer2.1.conv2.weight"].tolist() == [[30.0, 40.0]]
    assert whole["stem.conv.weight"].tolist() == [2.5]


def test_momentum_moves_with_its_filters() -> None:
    assert moves_with("momentum/layer2.1.conv2.weight", {"layer2.1"}) == ("layer2.1", 1)
    assert moves_with("momentum/stem.conv.weight", {"layer2.1"}) is None
    assert moves_with("layer2.1.conv2.weight", {"layer3.1"}) is None
    assert moves_with("layer2.1.before.weight", {"layer2.1"}) is None
