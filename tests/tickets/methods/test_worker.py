"""The base class trains a network alone, by SGD."""

import itertools
from typing import Any

import torch

from loft.core.processes.workers import ProcessWorker
from loft.tickets.methods.dense import Dense
from loft.tickets.pretraining.setup import setup
from loft.tickets.run.run import Run


def test_it_takes_steps_and_continues_from_its_state(run: Run, images: Any) -> None:
    job, workers = run.pretrain_job("preresnet18", "dense", 0), ProcessWorker()
    batches = images.batches(job.augment, job.sgd.batch_size, "cpu", 0)
    first, second = (list(batch) for batch in itertools.islice(batches.epoch(0, 1, 0), 2))
    one, other = (Dense().worker(setup(job, images, workers, lambda: iter(()))) for _ in range(2))
    one.step(first[0], first[1], 0.1)
    other.load_state(one.state())
    for worker in (one, other):
        worker.step(second[0], second[1], 0.1)
        worker.synchronise(collect=True)
    states = [worker.merged_network().state_dict() for worker in (one, other)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_it_sends_nothing_and_synchronises_once_an_epoch(run: Run, images: Any) -> None:
    job, workers = run.pretrain_job("preresnet18", "dense", 0), ProcessWorker()
    worker = Dense().worker(setup(job, images, workers, lambda: iter(())))
    worker.synchronise(collect=True)
    assert workers.sent == 0
    assert worker.local_iterations is None
    assert worker.order == 0
    assert worker.parameters == sum(p.numel() for p in worker.network().parameters())
