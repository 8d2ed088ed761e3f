"""Distances between all pairs of epochs are read, averaged over seeds."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from loft.core.errors import UserError
from loft.core.files.checkpoint import write_tensors
from loft.tickets.report.heatmaps import read_pairs


def write(path: Path, seed: int, value: float, epochs: int = 3) -> Path:
    filters = torch.full((epochs + 1, epochs + 1), value)
    arrays = {"filters/stem.conv": filters, "masks": torch.full((epochs, epochs), value)}
    about = {"model": "preresnet18", "dataset": "digits", "cell": "unpruned", "seed": seed}
    write_tensors(path, arrays, json.dumps(about))
    return path


def test_seeds_are_averaged(tmp_path: Path) -> None:
    paths = [write(tmp_path / "0", 0, 1.0), write(tmp_path / "1", 1, 2.0)]
    found = read_pairs(paths)
    assert [*found] == ["preresnet18, digits"]
    assert np.all(found["preresnet18, digits"]["masks"] == 1.5)


def test_seeds_of_other_lengths_and_the_same_twice_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path / "0", 0, 1.0)
    with pytest.raises(UserError, match="found other layers or epochs"):
        read_pairs([first, write(tmp_path / "1", 1, 1.0, epochs=2)])
    with pytest.raises(UserError, match="found the same pretraining"):
        read_pairs([first, write(tmp_path / "2", 0, 1.0)])
