"""Digits are split by seed and keep their classes."""

import pytest
import torch

from loft.core.data.sources import digits, prepare
from loft.core.data.sources.settings import DigitsData
from loft.core.errors import UserError


def test_digits_are_split_by_seed_and_keep_their_classes() -> None:
    one, same, other = (
        digits.prepare(
            DigitsData(name="digits", size=16, train_images=1437, test_images=360, split_seed=seed),
            0,
        )
        for seed in (0, 0, 1)
    )
    assert one.train.shape == (1437, 1, 16, 16)
    assert one.train.dtype == torch.uint8
    assert torch.equal(one.train, same.train)
    assert not torch.equal(one.train, other.train)
    counts = torch.bincount(torch.cat([one.train_labels, one.test_labels]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_too_many_digits_are_refused() -> None:
    settings = DigitsData(name="digits", size=8, train_images=1700, test_images=98, split_seed=0)
    with pytest.raises(UserError, match="found 1798; expected at most 1797"):
        prepare(settings, 0)
