"""Snapshots are taken after the epochs that a job names, and of sound networks only."""

from pathlib import Path

import pytest
import torch
from torch import nn

from loft.core.errors import JobError
from loft.core.files.checkpoint import read_network
from loft.core.training.hooks import Epoch
from loft.core.training.learner import Tally
from loft.tickets.pretraining.take_snapshots import TakeSnapshots, diverged
from loft.tickets.results import paths


def epoch(number: int, network: nn.Module, **line: float) -> Epoch:
    made = Epoch(number, Tally(), lambda calibrated: network)
    made.line.update(line)
    return made


def test_a_snapshot_holds_the_weights_and_what_was_measured_of_them(tmp_path: Path) -> None:
    network = nn.Linear(2, 2)
    hook = TakeSnapshots(tmp_path, [0, 2], {"seed": 0})
    hook.begin(epoch(0, network))
    for number in (1, 2):
        hook.after_epoch(epoch(number, network, test_accuracy=50.0))
    assert not paths.snapshot(tmp_path, 1).exists()
    for number, tested in ((0, None), (2, 50.0)):
        weights, about = read_network(paths.snapshot(tmp_path, number))
        assert torch.equal(weights["weight"], network.weight)
        del about["sha256"]
        assert about == {"seed": 0, "epoch": number, "test_accuracy": tested, "filters": {}}


def test_weights_that_are_no_numbers_end_a_pretraining(tmp_path: Path) -> None:
    network = nn.Linear(2, 2)
    network.weight.data[0, 0] = torch.inf
    with pytest.raises(JobError) as error:
        TakeSnapshots(tmp_path, [0, 2, 4], {}).after_epoch(epoch(4, network))
    assert str(error.value) == (
        "pretrain: weights are no numbers in epoch 4; lower the learning rate; the last good "
        f"snapshot is {paths.snapshot(tmp_path, 2)}"
    )
    assert not paths.snapshot(tmp_path, 4).exists()


def test_where_there_is_no_good_snapshot_none_is_named(tmp_path: Path) -> None:
    assert str(diverged(tmp_path, [2], 1, "the loss is nan")) == (
        "pretrain: the loss is nan in epoch 1; lower the learning rate"
    )
