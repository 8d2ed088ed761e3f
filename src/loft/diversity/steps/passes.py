"""Count the passes over the data that each batch size needs to reach an accuracy (Figure 2)."""

import math
from pathlib import Path

from loft.core.processes.progress import say
from loft.core.reporting.metrics import Journal
from loft.diversity.experiment import Experiment
from loft.diversity.image_samples import read_samples
from loft.diversity.jobs import PassesJob
from loft.diversity.minibatch_sgd import Look
from loft.diversity.rounding import short
from loft.diversity.settings import BatchSettings


def run(job: PassesJob, images: Path, metrics: Path) -> None:
    """Train with every batch size until the accuracy; steps are tuned for the fewest passes.

    Raises:
        UserError: there are too few images, or the processor computes wrongly.
    """
    own = job.passes
    samples = read_samples(images, own.model, own.samples)
    experiment = Experiment(samples, own, job.mechanisms, job.seed, job.memory)
    about = {
        "model": own.model.name,
        "dataset": samples.dataset,
        "batches": [batch.size for batch in own.batches],
        "repetitions": own.repetitions,
        "target_accuracy": own.accuracy,
        "most_passes": own.passes,
    }
    journal = Journal({"step": "passes", **about})
    for batch in own.batches:
        say(f"{own.model.name}, batches of {batch.size}")
        step, edge = _tune(experiment, batch, own.accuracy)
        for repetition in range(1, own.repetitions + 1):
            looks = _until(experiment, batch.size, step, repetition, own.accuracy)
            reached = looks[-1].accuracy >= own.accuracy
            journal.add(
                "passes",
                batch=batch.size,
                step=step,
                edge=edge,
                repetition=repetition,
                passes=short(own.passes * len(looks) / own.looks) if reached else None,
                accuracy=short(looks[-1].accuracy),
            )
    journal.write(metrics)


def _until(
    experiment: Experiment, batch: int, step: float, repetition: int, accuracy: float
) -> list[Look]:
    looks, _ = experiment.run(
        "none", 1, batch, step, repetition, lambda look: look.accuracy >= accuracy
    )
    return looks


def _tune(experiment: Experiment, batch: BatchSettings, accuracy: float) -> tuple[float, bool]:
    """Return the step with the fewest evaluations to the accuracy, or else the highest accuracy.

    Also return whether it is the first or the last of those tried.
    """
    found = []
    for step in batch.steps:
        looks = _until(experiment, batch.size, step, 0, accuracy)
        reached = looks[-1].accuracy >= accuracy
        found.append((len(looks) if reached else math.inf, -looks[-1].accuracy))
    best = found.index(min(found))
    return batch.steps[best], len(found) > 1 and best in (0, len(found) - 1)
