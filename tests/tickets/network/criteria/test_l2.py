"""Filters are scored by their l2 norm."""

import torch

from loft.tickets.network.criteria.l2 import worth


def test_norms_by_hand() -> None:
    weight = torch.tensor([[3.0, 4.0], [0.0, -2.0]]).reshape(2, 2, 1, 1)
    assert worth(weight).tolist() == [5.0, 2.0]
