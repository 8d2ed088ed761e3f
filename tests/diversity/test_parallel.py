"""Test that workers' shares of a batch add up to the step of the whole batch."""

from typing import Any, cast

import torch
from torch import Tensor

from loft.core.processes.workers import ProcessWorker, Workers
from loft.core.training.sample_gradients import PerSample
from loft.diversity.mechanisms import Plain
from loft.diversity.minibatch_sgd import Learner
from loft.diversity.parallel import ParallelWorker
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
