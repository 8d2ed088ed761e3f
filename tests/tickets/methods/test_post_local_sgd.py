"""Post-local SGD is large-batch SGD first, and Local SGD afterwards."""

from pathlib import Path

import pytest
import torch

from loft.core.files.checkpoint import read_network
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.methods.post_local_sgd import PostLocalSgd
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.results import paths
from loft.tickets.run.run import Run
from tests.conftest import Pretrain, method_job
from tests.tickets.methods.harness import same

STEPS = 5  # of the tests' run in an epoch; rounds of two local iterations make it three


def snapshot(folder: Path, epoch: int) -> dict[str, torch.Tensor]:
    state, _ = read_network(paths.snapshot(folder, epoch))
    return state


def post_local(run: Run, synchronous: int) -> PretrainJob:
    return method_job(run, "post_local_sgd", 2, synchronous=synchronous)


def test_without_synchronous_epochs_it_is_local_sgd(run: Run, pretrain: Pretrain) -> None:
    folder, _ = pretrain(post_local(run, 0))
    local, _ = pretrain(method_job(run, "local_sgd", 2))
    assert all(same(snapshot(folder, epoch), snapshot(local, epoch)) for epoch in run.snapshots)


@pytest.mark.parametrize("synchronous", [2, 9])  # the length of pretraining, and more
def test_without_local_epochs_it_is_large_batch_sgd(
    run: Run, pretrain: Pretrain, synchronous: int
) -> None:
    """That Local SGD of one step is large-batch SGD is a test of Local SGD."""
    folder, _ = pretrain(post_local(run, synchronous))
    large, _ = pretrain(method_job(run, "local_sgd", 2, local_iterations=1))
    assert all(same(snapshot(folder, epoch), snapshot(large, epoch)) for epoch in run.snapshots)


def test_it_switches_after_the_synchronous_epochs(run: Run, pretrain: Pretrain) -> None:
    """The first epoch is that of large-batch SGD, the second is not; bytes say how often it met."""
    wanted = post_local(run, 1)
    folder, lines = pretrain(wanted)
    large, _ = pretrain(method_job(run, "local_sgd", 2, local_iterations=1))
    assert same(snapshot(folder, 1), snapshot(large, 1))
    assert not same(snapshot(folder, 2), snapshot(large, 2))
    entry = ledger_entry(wanted, 1, 8, 10, STEPS)
    assert entry.rounds == lines[0]["rounds"] == STEPS + 3
    assert lines[-1]["bytes_sent"] == ledger.total_bytes(entry, PROTOCOL)


@pytest.mark.parametrize(("synchronous", "rounds"), [(0, 9), (1, 11), (3, 15), (7, 15)])
def test_rounds(synchronous: int, rounds: int) -> None:
    """Of three epochs of five steps."""
    method = PostLocalSgd(synchronous=synchronous, local_iterations=2)
    assert method.count_rounds(epochs=3, iterations=STEPS) == rounds
