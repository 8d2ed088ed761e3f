"""What pretraining costs in communication, computed from shapes.

Each method computes what its workers send (see `methods.bytes_sent`) under a convention
(`methods.convention`).
"""

import math
from functools import cache
from typing import Any

from torch import nn

from loft.core.settings.lookup import load
from loft.models import ModelSettings
from loft.models.build import build
from loft.tickets.methods import METHODS
from loft.tickets.methods.convention import FLOAT, Convention, NetworkOf, Pretraining
from loft.tickets.methods.options import LocalSgdOptions
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
    """Return the pretraining that a job does, `iterations` steps of a worker in an epoch.

    A round ends after `local_iterations` steps and at the end of an epoch.
    """
    every = job.options.local_iterations if isinstance(job.options, LocalSgdOptions) else None
    return Pretraining(
        method=job.method,
        workers=job.workers,
        network=networks(job.model, channels, size, classes),
        image=(channels, size, size),
        batch=job.sgd.batch_size,
        steps=job.epochs * iterations,
        rounds=job.epochs * math.ceil(iterations / every) if every else 0,
        epochs=job.epochs,
        options=job.options,
        seed=job.seed,
    )


def transferred(pretraining: Pretraining, convention: Convention) -> float:
    """Return the bytes that all workers together send, each transfer counted once."""
    numbers: float = load(METHODS[pretraining.method].sent)(pretraining, convention)
    return FLOAT * numbers
