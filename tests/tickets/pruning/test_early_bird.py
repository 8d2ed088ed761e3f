"""Early-Bird's masks: by hand, and their distance against scipy's Hamming distance."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import hamming

from loft.tickets.pruning.early_bird import channel_masks, mask_distance, mask_distances

MASKS = st.integers(1, 30).flatmap(
    lambda channels: st.lists(
        st.lists(st.booleans(), min_size=channels, max_size=channels), min_size=3, max_size=3
    )
)


def test_channels_of_all_layers_are_ranked_together() -> None:
    """Of six factors the three largest stay: two epochs, two layers."""
    scales = {
        "bn1": torch.tensor([[0.9, 0.1], [0.9, 0.8]]),
        "bn2": torch.tensor([[0.2, 0.8, 0.3, 0.7], [0.1, 0.2, 0.3, 0.4]]),
    }
    masks = channel_masks(scales, 0.5)
    assert masks.astype(int).tolist() == [[1, 0, 0, 1, 0, 1], [1, 1, 0, 0, 0, 1]]
    assert mask_distance(masks[0], masks[1]) == pytest.approx(2 / 6)


@pytest.mark.parametrize(("ratio", "kept"), [(0.3, 7), (0.5, 5), (0.95, 1)])
def test_a_ratio_of_all_channels_is_pruned(ratio: float, kept: int) -> None:
    masks = channel_masks({"bn": torch.rand(3, 10, generator=torch.manual_seed(0))}, ratio)
    assert masks.sum(axis=1).tolist() == [kept] * 3


@given(MASKS)
def test_against_scipy(rows: list[list[bool]]) -> None:
    masks = np.array(rows)
    found = mask_distances(masks)
    expected = [[hamming(first, second) for second in masks] for first in masks]
    assert found == pytest.approx(np.array(expected))
    assert found.tolist() == found.T.tolist()
    assert np.diagonal(found).tolist() == [0] * 3
    assert mask_distance(masks[0], ~masks[0]) == 1


def test_masks_of_different_networks_have_no_distance() -> None:
    with pytest.raises(ValueError, match="2 and 3"):
        mask_distance(np.ones(2, dtype=bool), np.ones(3, dtype=bool))
