"""Train one model on a run's images: subsets, draws and tuned steps of every configuration.

Repetition 0 tunes the step; the later repetitions are reported. A repetition has its own subset of
the images (nested subsets for larger replication), its own initial weights and its own draws.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from loft.core.seeding import stream, torch_seed
from loft.core.settings.shared import ComputeSettings
from loft.core.training.processor import check_processor
from loft.diversity.image_samples import Samples
from loft.diversity.mechanisms import DropConnect, Mechanism, Plain, Qsgd, Sgld
from loft.diversity.minibatch_sgd import Learner, Look, Plan, train
from loft.diversity.models import ModelSettings
from loft.diversity.per_sample_models import build_model
from loft.diversity.settings import BatchSettings, MechanismSettings, TrainingSettings

MEASURED_FIRST = 256  # most samples whose initial gradients set the noise of SGLD
MIB = 2**20
ORDER = ["none", "dropconnect", "sgld", "qsgd"]


def initial_learner(
    samples: Samples, model: ModelSettings, seed: int, repetition: int, memory: int
) -> Learner:
    """Return a model for these samples with the initial weights of a repetition."""
    network = build_model(
        **model.model_dump(),
        memory=memory * MIB,
        channels=samples.channels,
        size=samples.size,
        classes=samples.classes,
        seed=torch_seed("diversity-weights", seed, repetition),
    )
    return Learner(network)


def trust_learner(learner: Learner, inputs: Tensor, threads: int) -> None:
    """Check that the processor computes a model's layers correctly. Raises UserError."""
    compute = ComputeSettings(
        threads=threads, precision="float32", channels_last=False, compiled=False
    )
    check_processor([learner.samples.model], tuple(inputs.shape[1:]), compute)


class Experiment:
    """The trainings of one model: by mechanism, replication factor, batch size and repetition.

    Args:
        samples: the n samples.
        settings: the settings of the training.
        mechanisms: the strength of each mechanism.
        seed: the study's seed.
        memory: MiB that per-sample gradients may take.

    Raises:
        UserError: the processor computes the model wrongly.
    """

    def __init__(
        self,
        samples: Samples,
        settings: TrainingSettings,
        mechanisms: MechanismSettings,
        seed: int,
        memory: int,
    ) -> None:
        torch.set_num_threads(settings.threads)
        self._samples, self._settings = samples, settings
        self._mechanisms, self._seed, self._memory = mechanisms, seed, memory
        trust_learner(self.learner(0), samples.inputs, settings.threads)

    def subset(self, factor: int, repetition: int) -> tuple[Tensor, Tensor]:
        """Return the distinct samples of r-replicated data: a random 1/r of all samples."""
        count = len(self._samples.inputs)
        random = stream("diversity-subset", self._seed, repetition)
        chosen = torch.from_numpy(random.permutation(count)[: count // factor])
        return self._samples.inputs[chosen], self._samples.targets[chosen]

    def learner(self, repetition: int) -> Learner:
        """Return the model with the initial weights of a repetition."""
        model = self._settings.model
        return initial_learner(self._samples, model, self._seed, repetition, self._memory)

    def mechanism(self, name: str, repetition: int) -> Mechanism:
        """Return the mechanism with this name in params files."""
        if name == "dropconnect":
            return DropConnect(self._mechanisms.dropconnect)
        if name == "qsgd":
            return Qsgd(self._mechanisms.qsgd)
        if name == "none":
            return Plain()
        learner = self.learner(repetition)
        inputs, targets = (part[:MEASURED_FIRST] for part in self.subset(1, repetition))
        rows = learner.samples.chunks(inputs, targets)
        mean = sum(float(chunk.square().sum()) for chunk in rows) / len(inputs)
        return Sgld(math.sqrt(self._mechanisms.sgld * mean / learner.size))

    def random(self, name: str, factor: int, batch: int, repetition: int) -> torch.Generator:
        """Return the generator that draws a training's batches and the mechanism's numbers."""
        counters = ORDER.index(name), factor, batch, repetition
        seed = torch_seed("diversity-draws", self._seed, *counters)
        return torch.Generator().manual_seed(seed)

    def run(
        self,
        name: str,
        factor: int,
        batch: int,
        step: float,
        repetition: int,
        stop: Callable[[Look], bool] = lambda _: False,
    ) -> tuple[list[Look], Learner]:
        """Train until the last pass or until `stop`; return the evaluations and the model."""
        settings, learner = self._settings, self.learner(repetition)
        plan = Plan(step, batch, settings.samples, settings.passes, settings.looks)
        mechanism = self.mechanism(name, repetition)
        random = self.random(name, factor, batch, repetition)
        looks = []
        for look in train(learner, *self.subset(factor, repetition), plan, mechanism, random):
            looks.append(look)
            if stop(look):
                break
        return looks, learner

    def tune(self, name: str, factor: int, batch: BatchSettings) -> dict[str, Any]:
        """Return the step with the least mean loss over all evaluations, and each step's loss.

        A loss of None counts as infinite. `edge` is true if the best step is the first or the last
        of those tried.
        """
        losses = []
        for step in batch.steps:
            looks, _ = self.run(name, factor, batch.size, step, 0)
            found = [look.loss for look in looks]
            numbers = [loss for loss in found if loss is not None]
            losses.append(sum(numbers) / len(found) if len(numbers) == len(found) else None)
        order = [math.inf if loss is None else loss for loss in losses]
        best = order.index(min(order))
        edge = len(order) > 1 and best in (0, len(order) - 1)
        return {"step": batch.steps[best], "tried": batch.steps, "losses": losses, "edge": edge}
