"""Rounds of both aggregations, with partitions that leave filters out, against W by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor

from loft.core.processes.turn_taking import join_workers, take_turns
from loft.tickets.methods.aggregation import AGGREGATIONS
from loft.tickets.network.blocks import Filters, narrow

BLOCK, FILTERS = "layer2.1", 6
DRAWN = [  # by round and worker; what no worker has in a round stays as it is
    [[0, 1], [2, 3]],
    [[4, 5], [0, 2]],
    [[1, 3], [0, 4]],
    [[2, 5], [1, 4]],
]
EVERY = [[[0, 3, 5], [1, 2, 4]], [[1, 2, 3], [0, 4, 5]]] * 2


def whole() -> dict[str, Tensor]:
    return {
        f"{BLOCK}.conv1.weight": torch.arange(6.0)[:, None],
        f"{BLOCK}.conv2.weight": 10 * torch.arange(6.0)[None, :],
        "stem.conv.weight": torch.tensor([100.0]),
    }


def by_hand(drawn: list[list[list[int]]]) -> dict[str, Tensor]:
    """Add worker s's rounds, s + 1 a round, to what it has; what is shared gets the mean."""
    expected = whole()
    for parts in drawn:
        for worker, kept in enumerate(parts):
            expected[f"{BLOCK}.conv1.weight"][kept] += worker + 1
            expected[f"{BLOCK}.conv2.weight"][:, kept] += worker + 1
        expected["stem.conv.weight"] += 1.5
    return expected


def train(kind: str, drawn: list[list[list[int]]], collected: list[int], found: Any) -> None:
    """Be a worker, in rounds in which it adds its number to all that it has."""
    workers = join_workers()

    def draw(number: int) -> list[Filters]:
        return [{BLOCK: torch.tensor(kept)} for kept in drawn[number % len(drawn)]]

    like = {name: tensor.to("meta") for name, tensor in whole().items()}
    held = whole() if workers.rank == 0 else {}
    own = narrow({n: torch.zeros_like(t) for n, t in whole().items()}, draw(0)[workers.rank])
    aggregation = AGGREGATIONS[kind](workers, held, like, draw)
    for number in range(len(drawn)):
        aggregation.distribute(own)
        for tensor in own.values():
            tensor.add_(workers.rank + 1)
        aggregation.aggregate(own, collect=number in collected)
        if workers.rank == 0 and number in collected:
            found.append({name: tensor.clone() for name, tensor in held.items()})


@pytest.mark.parametrize("drawn", [DRAWN, EVERY])
@pytest.mark.parametrize("collected", [[3], [0, 1, 2, 3], [1, 3]])
@pytest.mark.parametrize("kind", AGGREGATIONS)
def test_filters_that_no_worker_has_stay_as_they_are(
    kind: str, collected: list[int], drawn: list[list[list[int]]]
) -> None:
    found: list[dict[str, Tensor]] = []
    take_turns(train, (kind, drawn, collected, found), 2)
    assert len(found) == len(collected)
    for number, held in zip(collected, found, strict=True):
        for name, tensor in by_hand(drawn[: number + 1]).items():
            assert torch.equal(held[name], tensor), name
