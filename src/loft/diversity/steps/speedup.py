"""Time one pass over the data in worker processes, by batch size (Figure 1)."""

import time
from pathlib import Path
from statistics import median
from typing import Any

import torch

from loft.core.processes.launch import launch
from loft.core.processes.workers import ProcessWorker
from loft.core.reporting.metrics import Journal
from loft.core.seeding import torch_seed
from loft.diversity.experiment import initial_learner, trust_learner
from loft.diversity.image_samples import read_samples
from loft.diversity.jobs import SpeedupJob
from loft.diversity.mechanisms import Plain
from loft.diversity.parallel import ParallelWorker
from loft.diversity.rounding import short


def run(job: SpeedupJob, images: Path, metrics: Path) -> None:
    """Time passes in as many processes as the job has workers; rank 0 writes `metrics`.

    Raises:
        UserError: there are too few images, or the processor computes wrongly.
        JobError: a process failed.
    """
    if job.workers > 1:
        launch(work, (job, images, metrics), job.workers)
    else:
        work(job, images, metrics)


def work(job: SpeedupJob, images: Path, metrics: Path) -> None:
    """Run one of the workers."""
    torch.set_num_threads(1)
    workers, own = ProcessWorker(gpu=False), job.speedup
    samples = read_samples(images, own.model, own.samples)
    learner = initial_learner(samples, own.model, job.seed, 0, job.memory)
    trust_learner(learner, samples.inputs, threads=1)
    about: dict[str, Any] = {
        "model": own.model.name,
        "dataset": samples.dataset,
        "workers": job.workers,
    }
    about |= {"weights": learner.size, "batches": own.batches}
    journal = Journal({"step": "speedup", **about})
    shared = torch.Generator().manual_seed(torch_seed("diversity-pass", job.seed))
    worker = ParallelWorker(learner, workers, shared, torch.Generator())
    for batch in own.batches:
        iterations = own.samples // batch
        seconds, before = [], workers.sent
        for number in range(own.repeats + 1):  # the first one warms up
            workers.exchange({})
            began = time.perf_counter()
            for _ in range(iterations if number else 1):
                worker.step(samples.inputs, samples.targets, batch, own.step / batch, Plain())
            workers.exchange({})
            seconds.append(time.perf_counter() - began)
            if not number:
                before = workers.sent
        sent = sum(report["sent"] for report in workers.exchange({"sent": workers.sent - before}))
        journal.add(
            "pass",
            batch=batch,
            iterations=iterations,
            pass_seconds=short(median(seconds[1:])),
            bytes_sent=sent // own.repeats,
        )
    if workers.rank == 0:
        journal.write(metrics)
    workers.close()
