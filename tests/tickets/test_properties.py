"""What holds for any width, any number of workers and any ranking."""

import math
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from loft.models.build import build
from loft.tickets.methods.partition import aggregate, draw
from loft.tickets.network.blocks import narrow, partitioned
from loft.tickets.network.ranking import filter_distance, ranking
from loft.tickets.pruning.early_bird import channel_masks, mask_distance

WIDTHS, WORKERS = st.integers(1, 5), st.integers(1, 6)
SEEDS = st.integers(0, 2**32)


def weights(name: str, width: int, seed: int) -> tuple[dict[str, int], dict[str, Tensor]]:
    """A network's partitioned blocks and its parameters."""
    network = build(name, width, channels=1, size=8, classes=3, seed=seed)
    return partitioned(network), {n: t.detach().clone() for n, t in network.named_parameters()}


def parts(whole: dict[str, Tensor], filters: dict[str, int], workers: int, seed: int) -> list:  # type: ignore[type-arg]
    """Every worker's own copy of its part, and its filters."""
    drawn = draw(seed, 0, filters, workers)
    copies = [narrow({n: t.clone() for n, t in whole.items()}, part) for part in drawn]
    return list(zip(copies, drawn, strict=True))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["preresnet18", "resnet18"]), WIDTHS, WORKERS, SEEDS)
def test_an_untouched_partition_gives_the_model_back(
    name: str, width: int, workers: int, seed: int
) -> None:
    """Bit by bit where the mean of equal numbers is exact, else but for rounding."""
    filters, before = weights(name, width, seed)
    whole = {n: t.clone() for n, t in before.items()}
    aggregate(whole, parts(before, filters, workers, seed), workers)
    for tensor in before:
        assert torch.allclose(whole[tensor], before[tensor], rtol=1e-6, atol=0)
        if workers in (1, 2, 4):
            assert torch.equal(whole[tensor], before[tensor])


@settings(max_examples=25, deadline=None)
@given(WIDTHS, WORKERS, SEEDS)
def test_what_all_workers_did_alike_is_done(width: int, workers: int, seed: int) -> None:
    """The average of equal parts is that part, whatever was there before."""
    filters, wanted = weights("preresnet18", width, seed)
    whole = {n: torch.full_like(t, 7) for n, t in wanted.items()}
    aggregate(whole, parts(wanted, filters, workers, seed), workers)
    for tensor in wanted:
        assert torch.allclose(whole[tensor], wanted[tensor], rtol=1e-6, atol=0)


@settings(max_examples=25, deadline=None)
@given(WIDTHS, st.integers(2, 6), SEEDS)
def test_a_workers_filter_is_its_own_and_the_rest_is_the_mean(
    width: int, workers: int, seed: int
) -> None:
    """Worker s writes s everywhere."""
    filters, whole = weights("preresnet18", width, seed)
    trained = parts(whole, filters, workers, seed)
    for worker, (part, _) in enumerate(trained):
        for tensor in part.values():
            tensor.fill_(worker)
    aggregate(whole, trained, workers)
    mean = (workers - 1) / 2
    assert torch.allclose(whole["stem.conv.weight"], torch.tensor(mean))
    for path in filters:
        for worker, (_, kept) in enumerate(trained):
            assert (whole[f"{path}.conv1.weight"][kept[path]] == worker).all()
            assert (whole[f"{path}.conv2.weight"][:, kept[path]] == worker).all()


def rankings(count: int) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, 20).flatmap(
        lambda length: st.lists(st.permutations(range(length)), min_size=count, max_size=count)
    )


@given(rankings(2))
def test_filter_distances_are_between_nothing_and_the_most_there_is(two: list[list[int]]) -> None:
    """Zero for equal rankings alone; an element moves from place i to the first or last at most."""
    first, second = map(np.array, two)
    length = len(first)
    most = sum(max(math.log(i), math.log(length / i)) / i for i in range(1, length + 1))
    distance = filter_distance(first, second)
    assert 0 <= distance <= most + 1e-12
    assert (distance == 0) == (two[0] == two[1])


@given(rankings(3))
def test_filter_distances_do_not_depend_on_what_filters_are_called(three: list[list[int]]) -> None:
    first, second, names = map(np.array, three)
    renamed = filter_distance(names[first], names[second])
    assert renamed == filter_distance(first, second)


@given(rankings(2))
def test_both_directions_are_zero_together(two: list[list[int]]) -> None:
    """All that is left of symmetry: the weights are the first ranking's."""
    first, second = map(np.array, two)
    assert (filter_distance(first, second) == 0) == (filter_distance(second, first) == 0)


NORM = st.just(0.0) | st.floats(2.0**-100, 100, width=32)  # numbers that scaling keeps apart
NORMS = st.integers(1, 20).flatmap(
    lambda length: st.lists(
        st.lists(NORM, min_size=length, max_size=length),
        min_size=2,
        max_size=2,
    )
)


@given(NORMS, st.sampled_from([0.25, 2.0, 1024.0]))
def test_rankings_do_not_depend_on_the_scale(rows: list[list[float]], scale: float) -> None:
    norms = torch.tensor(rows)
    assert np.array_equal(ranking(norms * scale), ranking(norms))
    assert sorted(ranking(norms[0]).tolist()) == [*range(len(rows[0]))]


@given(NORMS, st.floats(0, 0.95))
def test_mask_distances_are_a_metric_between_0_and_1(rows: list[list[float]], ratio: float) -> None:
    masks = channel_masks({"layer": torch.tensor([*rows, rows[0][::-1]])}, ratio)
    a, b, c = masks
    assert mask_distance(a, b) == mask_distance(b, a)
    assert mask_distance(a, a) == 0
    assert 0 <= mask_distance(a, b) <= 1
    assert mask_distance(a, c) <= mask_distance(a, b) + mask_distance(b, c) + 1e-12
    most = 2 * min(a.sum(), len(a) - a.sum()) / len(a)  # both keep as many
    assert mask_distance(a, b) <= most + 1e-12


@given(NORMS, st.floats(0, 0.95), st.randoms(use_true_random=False))
def test_mask_distances_do_not_depend_on_the_order_of_channels(
    rows: list[list[float]], ratio: float, random: Random
) -> None:
    """Where no two factors are equal, or the order would break the tie."""
    if any(len({*row}) < len(row) for row in rows):
        return
    order = [*range(len(rows[0]))]
    random.shuffle(order)
    norms = torch.tensor(rows)
    before = channel_masks({"layer": norms}, ratio)
    after = channel_masks({"layer": norms[:, order]}, ratio)
    assert mask_distance(*before) == pytest.approx(mask_distance(*after))
