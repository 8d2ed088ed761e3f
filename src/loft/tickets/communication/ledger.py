"""What pretraining costs in communication, computed from shapes.

Each method computes what its workers send (`Method.sent`) under a convention
(`methods.convention`).
"""

from functools import cache
from typing import Any

from torch import nn

from loft.models import ModelSettings
from loft.models.build import build
from loft.tickets.methods.convention import FLOAT, Convention, NetworkOf, Pretraining
from loft.tickets.pretraining.job import PretrainJob


def networks(model: ModelSettings, channels: int, size: int, classes: int) -> NetworkOf:
    """Return what makes a model's networks, without values, for images of a shape."""

    about: dict[str, Any] = {**model.model_dump(), "channels": channels, "size": size}

    @cache
    def built(filters: tuple[tuple[str, int], ...]) -> nn.Sequential:
        return build(**about, classes=classes, filters=dict(filters))

    return lambda filters: built(tuple((filters or {}).items()))


def of_job(
    job: PretrainJob, channels: int, size: int, classes: int, iterations: int
) -> Pretraining:
    """Return the pretraining that a job does, `iterations` steps of a worker in an epoch."""
    return Pretraining(
        method=job.options,
        workers=job.workers,
        network=networks(job.model, channels, size, classes),
        image=(channels, size, size),
        batch=job.sgd.batch_size,
        steps=job.epochs * iterations,
        rounds=job.epochs * job.options.rounds_per_epoch(iterations),
        epochs=job.epochs,
        seed=job.seed,
    )


def transferred(pretraining: Pretraining, convention: Convention) -> float:
    """Return the bytes that all workers together send, each transfer counted once."""
    return FLOAT * pretraining.method.sent(pretraining, convention)
