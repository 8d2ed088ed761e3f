"""Methods that compress changes: who agrees on what, and what is counted."""

import pytest
import torch

from loft.core.data.resident_images import Images
from loft.tickets.communication import ledger
from loft.tickets.methods import METHODS
from loft.tickets.methods.compressed_averages import CompressedAverages
from loft.tickets.methods.convention import PAPER, PROTOCOL
from loft.tickets.methods.interface import find
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.run.run import Run
from tests.conftest import method_job
from tests.tickets.methods.harness import mean, rounds, same

COMPRESSED = [name for name in METHODS if issubclass(find(name), CompressedAverages)]


@pytest.mark.parametrize("method", COMPRESSED)
def test_workers_agree_and_small_tensors_are_averaged_as_they_are(
    run: Run, images: Images, method: str
) -> None:
    for one, other in zip(*rounds(method_job(run, method, 2), images, 3), strict=True):
        assert same(one.after, other.after)
        average = mean([one.before, other.before])
        small = [name for name, tensor in average.items() if tensor.ndim == 1]
        assert small
        for name in small:
            torch.testing.assert_close(one.after[name], average[name], rtol=0, atol=1e-7)


@pytest.mark.parametrize("method", COMPRESSED)
def test_one_worker_sends_nothing_and_keeps_its_weights(
    run: Run, images: Images, method: str
) -> None:
    (found,) = rounds(method_job(run, method, 1), images, 2)
    assert all(same(one.before, one.after) for one in found)
    assert found[-1].sent == 0


@pytest.mark.parametrize("method", COMPRESSED)
@pytest.mark.parametrize("workers", [2, 3, 8])
@pytest.mark.parametrize("batch_norm", ["recalibrate", "average"])
def test_bytes_follow_from_shapes(
    run: Run, images: Images, method: str, workers: int, batch_norm: str
) -> None:
    job = method_job(run, method, workers, batch_norm=batch_norm, local_iterations=1)
    sent = sum(own[-1].sent for own in rounds(job, images, 2))
    entry = ledger_entry(job.model_copy(update={"epochs": 1}), 1, 8, 10, iterations=2)
    assert sent == ledger.total_bytes(entry, PROTOCOL)


@pytest.mark.parametrize("method", COMPRESSED)
def test_it_sends_less_than_local_sgd(run: Run, method: str) -> None:
    """By both conventions."""
    jobs = [method_job(run, name, 2) for name in (method, "local_sgd")]
    entries = [ledger_entry(job, 1, 8, 10, iterations=5) for job in jobs]
    for convention in (PROTOCOL, PAPER):
        ours, local = (ledger.total_bytes(entry, convention) for entry in entries)
        assert 0 < ours < local
