"""Random scores do not depend on the weights."""

import numpy as np
import torch

from loft.tickets.network.criteria.random import worth


def test_scores_come_from_the_generator_alone() -> None:
    first, second = (
        worth(weight, np.random.default_rng(0))
        for weight in (torch.zeros(5, 2, 3, 3), torch.ones(5, 1, 1, 1))
    )
    assert torch.equal(first, second)
    assert len({*first.tolist()}) == 5
