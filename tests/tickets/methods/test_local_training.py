"""Rounds end after the local iterations and with an epoch."""

import pytest

from loft.tickets.methods.local_sgd import LocalSgd


@pytest.mark.parametrize(("steps", "rounds"), [(6, 2), (7, 3), (2, 1)])
def test_rounds_of_an_epoch(steps: int, rounds: int) -> None:
    assert LocalSgd(local_iterations=3).rounds_per_epoch(steps) == rounds


def test_only_one_option_estimates_batch_norm_again() -> None:
    assert LocalSgd(batch_norm="recalibrate").recalibrates
    assert not LocalSgd(batch_norm="average").recalibrates
    assert not LocalSgd(batch_norm="carry").recalibrates
