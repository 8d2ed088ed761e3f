"""The rules of stopping are shares, with Early-Bird's values as defaults."""

import pytest
from pydantic import ValidationError

from loft.tickets.pruning.job import DistanceJob, TicketName


def test_defaults_are_early_birds() -> None:
    job = DistanceJob()
    assert (job.mask_threshold, job.window) == (0.1, 5)


@pytest.mark.parametrize("ratio", [0, 1, 1.5])
def test_a_ratio_leaves_some_filters(ratio: float) -> None:
    with pytest.raises(ValidationError):
        TicketName(snapshot=0, ratio=ratio, multiple=1)
