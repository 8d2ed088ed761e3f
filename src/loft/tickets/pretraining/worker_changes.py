"""Measure what workers change in one round of a pretraining, for the study of gradient diversity.

From each snapshot the workers take a round as in pretraining, but without momentum from earlier
rounds. Lines of kind "gradients" hold sums over the gradients of images that one worker sees in the
round, at its first weights and with BatchNorm statistics of these images. Lines of kind "updates"
hold sums over the workers' changes after some local iterations. A parameter is partitioned if a
worker has only a part of it: the workers then change different entries, and their changes are
orthogonal.
"""

import copy
import itertools
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from loft.core.data.dataset import DataSet, read
from loft.core.processes.launch import launch
from loft.core.processes.memory import explain_out_of_memory
from loft.core.processes.progress import say
from loft.core.processes.turn_taking import describe_placement, join_workers, take_turns
from loft.core.processes.workers import Workers
from loft.core.reporting.metrics import Journal
from loft.core.system.devices import leased, visible
from loft.core.training.learner import configure_torch, cosine, recalibrate_batch_norm
from loft.core.training.processor import check_processor
from loft.core.training.sample_gradients import PerSample, sums
from loft.tickets.methods.transfer import pack
from loft.tickets.network.blocks import partitioned
from loft.tickets.pretraining.calibration import CALIBRATION_BATCH
from loft.tickets.pretraining.job import WorkerChangesJob
from loft.tickets.pretraining.setup import setup, trained_networks
from loft.tickets.pretraining.snapshots import StoredNetwork, read_snapshot


def run(job: WorkerChangesJob, data: Path, folder: Path, metrics: Path) -> None:
    """Take a round from every snapshot; rank 0 writes `metrics`.

    Each worker is a process. Where there are GPUs, but fewer than workers, they take turns on one.

    Args:
        job: settings of the job.
        data: images, made by `loft data`.
        folder: folder of the pretraining.
        metrics: file for the lines.

    Raises:
        UserError: images or snapshots are missing or damaged, or the processor computes
            incorrectly.
        JobError: a worker failed.
    """
    workers = job.pretraining.workers
    turning = job.pretraining.options.takes_turns and 0 < len(visible()) < workers
    with leased(1 if turning else workers):
        (take_turns if turning else launch)(work, (job, data, folder, metrics), workers)


def work(job: WorkerChangesJob, data: Path, folder: Path, metrics: Path) -> None:
    """Run as one of the job's workers."""
    workers = join_workers()
    who = f"updates {folder}: worker {workers.rank} of {workers.size}"
    with explain_out_of_memory(who, "updates.samples or models.width"):
        _work(job, data, folder, metrics, workers)


def _work(job: WorkerChangesJob, data: Path, folder: Path, metrics: Path, workers: Workers) -> None:
    own, images = job.pretraining, read(data)
    configure_torch(own.compute, workers.device)
    if workers.device == "cpu":
        image = images.channels, images.size, images.size
        check_processor(trained_networks(own, image, images.classes), image, own.compute)
    about: dict[str, Any] = {
        "model": own.model.facts(),
        "dataset": images.dataset,
        "cell": own.cell,
        "seed": own.seed,
        "method": own.method,
        "workers": own.workers,
        "batch_size": own.sgd.batch_size,
        "snapshots": own.snapshots,
        "local_iterations": job.iterations,
    }
    journal = Journal({"step": "updates", **about}, device=workers.device)
    if workers.rank == 0:
        say(f"updates {own.cell} seed {own.seed}  {describe_placement(workers)}")
    for epoch in own.snapshots:
        _round(job, images, read_snapshot(folder, epoch), workers, journal)
    if workers.rank == 0:
        journal.write(metrics)
    workers.close()


def _round(
    job: WorkerChangesJob,
    images: DataSet,
    snapshot: StoredNetwork,
    workers: Workers,
    journal: Journal,
) -> None:
    """Take a round from a snapshot."""
    own, epoch = job.pretraining, snapshot.about["epoch"]
    loop = images.batches(own.augment, own.sgd.batch_size, workers.device, loaders=0)
    calibration = loop.calibration(own.calibration_images, CALIBRATION_BATCH)
    start = setup(own, images, workers, lambda: calibration, unmerged(job, snapshot))
    method = own.options.worker(start)
    count, length = job.iterations[-1], loop.length
    batches = [*itertools.islice(loop.epoch(own.seed, epoch + 1, method.order), count)]
    network = method.network()
    _gradients(job, network, batches, workers, journal, epoch)
    whole = {name: tensor.shape for name, tensor in snapshot.weights.items()}
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    first = min(epoch * length, own.epochs * length - count)  # after the last epoch: its last steps
    for iteration, (inputs, labels) in enumerate(batches, start=1):
        rate = cosine(first + iteration - 1, own.epochs * length, own.sgd.learning_rate)
        method.step(inputs, labels, rate)
        if iteration in job.iterations:
            changes = {n: weight.detach() - before[n] for n, weight in network.named_parameters()}
            found = _changes(changes, whole, workers)
            journal.add("updates", epoch=epoch, iterations=iteration, **found)


def _changes(
    changes: dict[str, Tensor], whole: dict[str, torch.Size], workers: Workers
) -> dict[str, float]:
    """Return sums over the workers' changes of shared and of partitioned parameters."""
    shared = pack({name: change for name, change in changes.items() if change.shape == whole[name]})
    every = torch.cat([change.flatten() for change in changes.values()])
    own = {"shared": _square(shared), "every": _square(every)}
    reports = workers.exchange(own)
    squares = sum(report["shared"] for report in reports)
    return {
        "shared_squares": squares,
        "shared_together": workers.size**2 * _square(workers.average(shared)),
        "partitioned_squares": sum(report["every"] - report["shared"] for report in reports),
    }


def unmerged(job: WorkerChangesJob, snapshot: StoredNetwork) -> dict[str, Tensor]:
    """Return a snapshot's weights without the scaling of the merged network's branches.

    Workers start from these. The untrained network was never merged.
    """
    divisor = job.pretraining.options.divisor(job.pretraining.workers)
    branches = partitioned(snapshot.network) if snapshot.about["epoch"] else ()
    names = {f"{path}.conv2.weight" for path in branches}
    return {n: w * divisor if n in names else w for n, w in snapshot.weights.items()}


def _gradients(
    job: WorkerChangesJob,
    network: nn.Module,
    batches: list[tuple[Tensor, Tensor]],
    workers: Workers,
    journal: Journal,
    epoch: int,
) -> None:
    """Add up the gradients of the images that each worker sees in the round."""
    inputs, labels = (torch.cat([*parts])[: job.samples] for parts in zip(*batches, strict=True))
    fixed = copy.deepcopy(network)
    recalibrate_batch_norm(fixed, iter([inputs]), "float32", workers.device)
    samples = PerSample(fixed, lambda out, wanted: F.cross_entropy(out, wanted, reduction="sum"))
    found = sums(samples.chunks(inputs, labels))
    for rank, report in enumerate(workers.exchange(found._asdict())):
        journal.add("gradients", epoch=epoch, rank=rank, **report)


def _square(vector: Tensor) -> float:
    return float(vector.square().sum(dtype=torch.float64))
