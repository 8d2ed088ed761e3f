"""Measure the time to an accuracy with DropConnect in two processes (last experiment of section 4).

For every drop probability and batch size the step is tuned for the fewest passes, on a repetition
of its own. Seconds count steps only, which both processes take together.
"""

import math
import time
from pathlib import Path
from typing import NamedTuple

import torch

from loft.core.processes.launch import launch
from loft.core.processes.progress import say
from loft.core.processes.workers import ProcessWorker, Workers
from loft.core.reporting.metrics import Journal
from loft.core.seeding import torch_seed
from loft.diversity.experiment import Experiment
from loft.diversity.image_samples import read_samples
from loft.diversity.jobs import DropConnectJob
from loft.diversity.mechanisms import DropConnect, Mechanism, Plain
from loft.diversity.minibatch_sgd import Plan
from loft.diversity.parallel import ParallelWorker
from loft.diversity.rounding import short
from loft.diversity.settings import BatchSettings

WORKERS = 2


class Ending(NamedTuple):
    """The end of a training: evaluations, last accuracy in percent, seconds in steps."""

    looks: int
    accuracy: float
    seconds: float


def run(job: DropConnectJob, images: Path, metrics: Path) -> None:
    """Train in two processes; rank 0 writes `metrics`.

    Raises:
        UserError: there are too few images, or the processor computes wrongly.
        JobError: a process failed.
    """
    launch(work, (job, images, metrics), WORKERS)


def work(job: DropConnectJob, images: Path, metrics: Path) -> None:
    """Be one of the workers."""
    workers, own = ProcessWorker(gpu=False), job.dropconnect
    samples = read_samples(images, own.model, own.samples)
    experiment = Experiment(samples, own, job.mechanisms, job.seed, job.memory)
    about = {
        "model": own.model.name,
        "dataset": samples.dataset,
        "workers": WORKERS,
        "drops": [0.0, *own.drops],
        "batches": [batch.size for batch in own.batches],
        "repetitions": own.repetitions,
    }
    journal = Journal({"step": "dropconnect", **about})
    for drop in (0.0, *own.drops):
        for batch in own.batches:
            if workers.rank == 0:
                say(f"drop {drop:g}, batches of {batch.size}")
            step, edge = _tune(job, experiment, workers, drop, batch)
            for repetition in range(1, own.repetitions + 1):
                ending = _train(job, experiment, workers, drop, batch.size, step, repetition)
                reached = ending.accuracy >= own.accuracy
                journal.add(
                    "ending",
                    drop=drop,
                    batch=batch.size,
                    step=step,
                    edge=edge,
                    repetition=repetition,
                    passes=short(own.passes * ending.looks / own.looks) if reached else None,
                    train_seconds=short(ending.seconds) if reached else None,
                    accuracy=short(ending.accuracy),
                )
    reports = workers.exchange({"sent": workers.sent})
    for rank, report in enumerate(reports):
        journal.add("worker", rank=rank, bytes_sent=report["sent"])
    if workers.rank == 0:
        journal.write(metrics)
    workers.close()


def _train(
    job: DropConnectJob,
    experiment: Experiment,
    workers: Workers,
    drop: float,
    batch: int,
    step: float,
    repetition: int,
) -> Ending:
    """Train until the accuracy is reached or the last pass is done."""
    own, learner = job.dropconnect, experiment.learner(repetition)
    mechanism: Mechanism = DropConnect(drop) if drop else Plain()
    counters = round(100 * drop), batch, repetition
    shared, private = (
        torch.Generator().manual_seed(torch_seed(name, job.seed, *counters, rank))
        for name, rank in (("diversity-batches", 0), ("diversity-masks", workers.rank))
    )
    worker = ParallelWorker(learner, workers, shared, private)
    inputs, targets = experiment.subset(1, repetition)
    done, looks, seconds = 0, 0, 0.0
    iterations = Plan(step, batch, own.samples, own.passes, own.looks).iterations
    for until in iterations:
        workers.exchange({})
        began = time.perf_counter()
        for _ in range(until - done):
            worker.step(inputs, targets, batch, step, mechanism)
        seconds += time.perf_counter() - began
        done, looks = until, looks + 1
        seen = learner.look(inputs, targets)  # equal on both workers, as are their weights
        if seen.accuracy >= own.accuracy or seen.loss is None:
            break
    return Ending(looks, seen.accuracy, seconds)


def _tune(
    job: DropConnectJob,
    experiment: Experiment,
    workers: Workers,
    drop: float,
    batch: BatchSettings,
) -> tuple[float, bool]:
    """Return the step with the fewest evaluations to the accuracy, or else the highest accuracy.

    Also return whether it is the first or the last of those tried.
    """
    found = []
    for step in batch.steps:
        ending = _train(job, experiment, workers, drop, batch.size, step, 0)
        reached = ending.accuracy >= job.dropconnect.accuracy
        found.append((ending.looks if reached else math.inf, -ending.accuracy))
    best = found.index(min(found))
    return batch.steps[best], len(found) > 1 and best in (0, len(found) - 1)
