"""Describe a pretraining job as the communication ledger sees it."""

from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PAPER, PROTOCOL, Pretraining
from loft.tickets.pretraining.job import PretrainJob


def ledger_entry(
    job: PretrainJob, channels: int, size: int, classes: int, iterations: int
) -> Pretraining:
    """Return the pretraining that a job does.

    Args:
        job: of the pretraining.
        channels: of an image.
        size: pixels a side of an image.
        classes: of the images.
        iterations: steps of a worker in an epoch.
    """
    return Pretraining(
        method=job.options,
        workers=job.workers,
        network=ledger.networks(job.model, channels, size, classes),
        image=(channels, size, size),
        batch=job.sgd.batch_size,
        steps=job.epochs * iterations,
        rounds=job.epochs * job.options.rounds_per_epoch(iterations),
        epochs=job.epochs,
        seed=job.seed,
    )


def predicted_bytes(entry: Pretraining) -> dict[str, float]:
    """Return the bytes that all workers send, computed from shapes, as lines hold them.

    `bytes_model` is by this project's protocol and `bytes_paper` by the paper's convention.
    """
    return {
        "bytes_model": ledger.transferred(entry, PROTOCOL),
        "bytes_paper": ledger.transferred(entry, PAPER),
    }
