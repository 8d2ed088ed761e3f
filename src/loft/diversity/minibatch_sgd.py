"""Train by mini-batch SGD as in the paper: sums of gradients or surrogates, a constant step."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from loft.core.training.sample_gradients import PerSample
from loft.diversity.mechanisms import Mechanism

EVALUATION = 500  # samples that are evaluated at once


class Look(NamedTuple):
    """An evaluation: mean loss (None if not finite) and percentage of correct predictions."""

    loss: float | None
    accuracy: float


class Plan(NamedTuple):
    """The parameters of a training.

    Attributes:
        step: gamma, the factor of the sum of a batch's gradients.
        batch: B.
        samples: n, the number of draws in a pass.
        passes: number of passes over the data.
        looks: number of evaluations, equally spaced; the start is not evaluated.
    """

    step: float
    batch: int
    samples: int
    passes: int
    looks: int

    @property
    def iterations(self) -> list[int]:
        """Number of steps before each evaluation."""
        every = self.passes * self.samples / self.batch / self.looks
        return [max(1, round(every * look)) for look in range(1, self.looks + 1)]


class Learner:
    """A model that is trained as one vector of weights (d,).

    Attributes:
        samples: the model and its per-sample gradients.
    """

    def __init__(self, samples: PerSample) -> None:
        self.samples = samples
        self._parameters = [p for p in samples.model.parameters() if p.requires_grad]
        self._sizes = [p.numel() for p in self._parameters]

    @property
    def size(self) -> int:
        """The number of weights, d."""
        return sum(self._sizes)

    def gradient(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum of the samples' gradients (d,)."""
        loss = self.samples.loss(self.samples.model(inputs), targets)
        parts = torch.autograd.grad(loss, self._parameters)
        return torch.cat([part.flatten() for part in parts])

    def move(self, change: Tensor) -> None:
        """Add a change (d,) to the weights."""
        with torch.no_grad():
            parts = torch.split(change, self._sizes)
            for parameter, part in zip(self._parameters, parts, strict=True):
                parameter.add_(part.view_as(parameter))

    def step(
        self,
        inputs: Tensor,
        targets: Tensor,
        length: float,
        mechanism: Mechanism,
        random: torch.Generator,
    ) -> None:
        """Take a step of size `length` down the sum of surrogates."""
        self.move(-length * self.total(inputs, targets, mechanism, random))

    def total(
        self, inputs: Tensor, targets: Tensor, mechanism: Mechanism, random: torch.Generator
    ) -> Tensor:
        """Return the sum of surrogates (d,); use per-sample gradients only if necessary."""
        added = mechanism.added(self.size, len(inputs), random)
        if added is not None:
            return self.gradient(inputs, targets) + added
        chunks = self.samples.chunks(inputs, targets)
        return torch.stack([mechanism.draw(chunk, random).sum(0) for chunk in chunks]).sum(0)

    def look(self, inputs: Tensor, targets: Tensor) -> Look:
        """Evaluate the mean loss and the accuracy."""
        loss, correct = 0.0, 0
        with torch.inference_mode():
            for x, y in zip(
                torch.split(inputs, EVALUATION), torch.split(targets, EVALUATION), strict=True
            ):
                outputs = self.samples.model(x)
                loss += float(self.samples.loss(outputs, y))
                binary = outputs.shape[1] == 1
                predicted = (outputs[:, 0] > 0).long() if binary else outputs.argmax(1)
                correct += int((predicted == y).sum())
        mean = loss / len(inputs)
        return Look(mean if math.isfinite(mean) else None, 100 * correct / len(inputs))


def train(
    learner: Learner,
    inputs: Tensor,
    targets: Tensor,
    plan: Plan,
    mechanism: Mechanism,
    random: torch.Generator,
) -> Iterator[Look]:
    """Train and yield each evaluation; stop early if the loss is not finite.

    Args:
        inputs, targets: the distinct samples; copies by replication need not be given.
    """
    done = 0
    for until in plan.iterations:
        for _ in range(until - done):
            drawn = torch.randint(len(inputs), (plan.batch,), generator=random)
            learner.step(inputs[drawn], targets[drawn], plan.step, mechanism, random)
        done = until
        seen = learner.look(inputs, targets)
        yield seen
        if seen.loss is None:
            return
