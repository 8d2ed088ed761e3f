"""Take rounds of a method's workers, in turns in this process."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from loft.core.data.resident_images import Images
from loft.core.processes.turn_taking import join_workers, take_turns
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.setup import setup

Weights = dict[str, Tensor]


class Round(NamedTuple):
    """A worker's weights in a round: first, before and after the synchronisation; bytes sent."""

    start: Weights
    before: Weights
    after: Weights
    sent: int


def rounds(job: PretrainJob, images: Images, count: int) -> list[list[Round]]:
    """Take rounds of one step; return those of each worker."""
    found: list[list[Round]] = [[] for _ in range(job.workers)]

    def work() -> None:
        torch.set_num_threads(1)
        workers = join_workers()
        batches = images.batches(job.augment, job.sgd.batch_size, "cpu", loaders=0)
        worker = job.options.worker(setup(job, images, workers, lambda: iter(())))
        for inputs, labels in list(batches.epoch(job.seed, 1, worker.order))[:count]:
            start = weights(worker)
            worker.step(inputs, labels, 0.05)
            before = weights(worker)
            worker.synchronise(collect=True)
            found[workers.rank].append(Round(start, before, weights(worker), workers.sent))

    take_turns(work, (), job.workers)
    return found


def weights(worker: Any) -> Weights:
    """Copy a worker's parameters."""
    return {name: tensor.detach().clone() for name, tensor in worker.network().named_parameters()}


def mean(networks: list[Weights]) -> Weights:
    """Return the mean of several workers' parameters."""
    return {name: torch.stack([own[name] for own in networks]).mean(0) for name in networks[0]}


def same(first: Weights, second: Weights) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[n], second[n]) for n in first)
