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


def networks(model: ModelSettings, channels: int, size: int, classes: int) -> NetworkOf:
    """Return what makes a model's networks, without values, for images of a shape."""

    about: dict[str, Any] = {**model.model_dump(), "channels": channels, "size": size}

    @cache
    def built(filters: tuple[tuple[str, int], ...]) -> nn.Sequential:
        return build(**about, classes=classes, filters=dict(filters))

    return lambda filters: built(tuple((filters or {}).items()))


def transferred(pretraining: Pretraining, convention: Convention) -> float:
    """Return the bytes that all workers together send, each transfer counted once."""
    return FLOAT * pretraining.method.sent(pretraining, convention)
