"""Bytes of the direct exchange, counted by hand for partitions that are given."""

from collections.abc import Mapping

import pytest
import torch

from loft.models.settings import ResNetSettings
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import FLOAT, Pretraining
from loft.tickets.methods.direct_counts import count_direct, least_bytes
from loft.tickets.methods.loft import Loft
from loft.tickets.network.blocks import MOVES, Filters, partitioned

NETWORK = ledger.network_builder(
    ResNetSettings.model_validate({"name": "preresnet18", "width": 4}), 1, 8, 10
)
BLOCKS = partitioned(NETWORK(None))
ONE_FILTER = sum(  # floats of one filter of every block, running statistics not sent
    NETWORK(None).state_dict()[f"{path}.{tensor}"].numel() // count
    for path, count in BLOCKS.items()
    for tensor in MOVES
    if "running" not in tensor
)


class Given(Loft):
    """LoFT with halves that stay, or that are swapped in every round."""

    swapped: bool = False

    def partition(
        self, seed: int, t: int, blocks: Mapping[str, int], workers: int
    ) -> list[Filters]:
        halves: list[Filters] = [
            {path: torch.arange(count)[part] for path, count in blocks.items()}
            for part in (slice(0, 4), slice(4, 8))
        ]
        return halves[::-1] if self.swapped and t % 2 else halves


def pretraining(swapped: bool, rounds: int = 2, epochs: int = 1) -> Pretraining:
    method = Given.model_validate({"workers": [2], "swapped": swapped})
    return Pretraining(method, 2, NETWORK, (1, 8, 8), 32, 10, rounds, epochs, seed=0)


def shared() -> int:
    whole = sum(tensor.numel() for tensor in NETWORK(None).parameters())
    moving: int = sum(
        NETWORK(None).state_dict()[f"{path}.{tensor}"].numel()
        for path in BLOCKS
        for tensor in MOVES
        if "running" not in tensor
    )
    return int(whole - moving)


def test_filters_that_stay_are_not_sent() -> None:
    assert least_bytes(pretraining(swapped=False)) == FLOAT * 2 * shared() * 2


def test_filters_that_change_workers_are_sent_once() -> None:
    """Four filters of each block go each way in both rounds."""
    moved = 2 * 2 * 4 * ONE_FILTER
    assert least_bytes(pretraining(swapped=True)) == FLOAT * (2 * shared() * 2 + moved)


@pytest.mark.parametrize("epochs", [1, 2])
def test_rank_0_sends_the_first_networks_and_collects_each_epoch(epochs: int) -> None:
    own = pretraining(swapped=False, epochs=epochs)
    first = shared() + 4 * ONE_FILTER
    collected = epochs * 4 * ONE_FILTER
    assert FLOAT * count_direct(own) == least_bytes(own) + FLOAT * (first + collected)
