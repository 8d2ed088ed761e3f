"""Test that workers' shares of a batch add up to the step of the whole batch."""

from typing import Any, cast

import pytest
import torch
from torch import Tensor

from loft.core.processes.workers import ProcessWorker, Workers
from loft.core.reporting.metrics import Line
from loft.core.training.sample_gradients import PerSample
from loft.diversity.mechanisms import Plain
from loft.diversity.minibatch_sgd import Learner
from loft.diversity.parallel import ParallelWorker
from loft.diversity.settings import NetworkSettings
from loft.diversity.tables import dropconnect, passes, speedup
from tests.diversity.problems import entropy, small_images, small_network


class Recorder:
    """Workers that record the tensors they are asked to average."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size
        self.given: list[Tensor] = []

    def average(self, tensor: Tensor) -> Tensor:
        self.given.append(tensor)
        return torch.zeros_like(tensor)


def step(workers: Any) -> Learner:
    learner = Learner(PerSample(small_network(), entropy))
    shared = torch.Generator().manual_seed(4)
    worker = ParallelWorker(learner, cast(Workers, workers), shared, torch.Generator())
    worker.step(*small_images(12), 8, 0.1, Plain())
    return learner


def test_shares_add_up_to_the_batch() -> None:
    alone = Recorder(0, 1)
    step(alone)
    shares = [Recorder(rank, 3) for rank in range(3)]
    for share in shares:
        step(share)
    together = torch.stack([share.given[0] for share in shares]).sum(0)
    assert torch.allclose(together, alone.given[0])


def test_one_worker_takes_the_sums_step() -> None:
    images, labels = small_images(12)
    drawn = torch.randint(12, (8,), generator=torch.Generator().manual_seed(4))
    expected = Learner(PerSample(small_network(), entropy))
    expected.step(images[drawn], labels[drawn], 0.1, Plain(), torch.Generator())
    found = step(ProcessWorker(gpu=False))
    for name, weight in expected.samples.weights.items():
        assert torch.allclose(found.samples.weights[name], weight)


def test_speedup_by_hand() -> None:
    """One worker: iterations of 1 + B seconds; two: messages of 4 x 100 / 2 bytes, 100 a second."""
    job: Line = {"kind": "job", "step": "speedup", "model": "m", "weights": 100}
    alone: list[Line] = [{**job, "workers": 1}]
    for batch, iterations in ((2, 4), (4, 2)):
        line: Line = {"kind": "pass", "batch": batch, "iterations": iterations, "bytes_sent": 0}
        alone.append({**line, "pass_seconds": iterations * (1.0 + batch)})
    pair = [{**job, "workers": 2}, {**alone[1], "pass_seconds": 6.0, "bytes_sent": 3200}]
    network = NetworkSettings(latency=0.0, bandwidth=100.0)
    table = speedup.make([alone, pair], network, [4]).set_index(["kind", "workers", "batch"])
    assert table.loc[("measured", 2, 2), "speedup"] == pytest.approx(12 / 6)
    assert table.loc[("model", 1, 4), "pass_seconds"] == pytest.approx(10)
    assert table.loc[("model", 2, 2), "pass_seconds"] == pytest.approx(4 * (1 + 1 + 2 * 2))
    assert table.loc[("model", 4, 4), "pass_seconds"] == pytest.approx(2 * (1 + 1 + 6 * 1))
    sent = table["bytes_sent"].to_dict()
    assert sent["model", 2, 2] == sent["measured", 2, 2]
    assert ("measured", 4, 2) not in table.index


def endings(drop: float, batch: int, passes: list[float | None], seconds: float) -> list[Any]:
    about = {"kind": "ending", "drop": drop, "batch": batch, "step": 0.1, "edge": False}
    return [
        {**about, "passes": each, "train_seconds": None if each is None else seconds}
        for each in passes
    ]


def test_the_largest_batch_without_loss_and_the_time_saved() -> None:
    job: list[Line] = [
        {"kind": "job", "step": "dropconnect", "model": "m"},
        *endings(0.0, 32, [4, 4], 10.0),
        *endings(0.0, 64, [4, 5], 8.0),
        *endings(0.0, 128, [9, 9], 9.0),
        *endings(0.0, 256, [4, None], 1.0),
        *endings(0.5, 32, [6, 6], 12.0),
        *endings(0.5, 64, [6, 6], 6.0),
        *endings(0.5, 128, [7, 7], 4.0),
    ]
    table = dropconnect.make([job], 0.95, 0.2).set_index(["drop", "batch"])
    assert table.index[table["largest"]].tolist() == [(0.0, 64), (0.5, 128)]
    assert table.index[table["fastest"]].tolist() == [(0.0, 64), (0.5, 128)]
    assert table.loc[(0.5, 128), "faster"] == pytest.approx(1 - 4 / 8)
    assert table.loc[(0.0, 256), "missed"] == 1
    assert not table.loc[(0.0, 256), "keeps"]


def test_passes_say_who_did_not_get_there() -> None:
    job: Line = {"kind": "job", "step": "passes", "model": "m", "target_accuracy": 95.0}
    about: Line = {"kind": "passes", "batch": 8, "step": 0.1, "edge": True}
    lines: list[Line] = [job, *({**about, "passes": each} for each in (2.0, 3.0, None))]
    (row,) = passes.make([lines], 0.95).to_dict("records")
    assert (row["passes"], row["samples"], row["missed"]) == (2.5, 2, 1)
