"""Numbers are whole levels and a rest."""

import torch

from loft.core.training.quantisation import split


def test_levels_by_hand() -> None:
    """Of a row whose norm is 2, four levels are 0.5 each; a row of zeros has none."""
    rows = torch.tensor([[2.0, -0.75, 0.1], [0.0, 0.0, 0.0]])
    level, whole, rest = split(rows, torch.tensor([[2.0], [0.0]]), levels=4)
    assert level.tolist() == [[0.5], [0.0]]
    assert whole.tolist() == [[4.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    torch.testing.assert_close(rest, torch.tensor([[0.0, 0.5, 0.2], [0.0, 0.0, 0.0]]))
    torch.testing.assert_close((whole + rest) * level, rows.abs())
