"""Compute the bytes that pretraining sends, from shapes.

Each method computes what its workers send (`Method.sent`) by a convention (`methods.convention`).
"""

from functools import cache
from typing import Any

from torch import nn

from loft.models import ModelSettings
from loft.models.build import build
from loft.tickets.methods.convention import FLOAT, Convention, NetworkOf, Pretraining


def network_builder(model: ModelSettings, channels: int, size: int, classes: int) -> NetworkOf:
    """Return a function that builds a model's networks without values, for images of a shape."""

    about: dict[str, Any] = {**model.model_dump(), "channels": channels, "size": size}

    @cache
    def built(filters: tuple[tuple[str, int], ...]) -> nn.Sequential:
        return build(**about, classes=classes, filters=dict(filters))

    return lambda filters: built(tuple((filters or {}).items()))


def total_bytes(pretraining: Pretraining, convention: Convention) -> float:
    """Return the bytes that all workers send; each transfer is counted once, at its sender."""
    return FLOAT * pretraining.method.sent(pretraining, convention)
