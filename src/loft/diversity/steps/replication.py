"""Train a model with small and large batches on data replicated r times (Figure 3).

A line of kind "tuned" holds the step of a configuration, "run" the loss of a repetition at each
evaluation, and "diversity" Definition 1 before and after the training with small batches.
"""

from pathlib import Path
from typing import Any

import torch

from loft.core.processes.progress import say
from loft.core.reporting.metrics import Journal
from loft.core.seeding import torch_seed
from loft.diversity.experiment import Experiment
from loft.diversity.gradient_diversity import Diversity, estimate_diversity
from loft.diversity.image_samples import read_samples
from loft.diversity.jobs import ReplicationJob
from loft.diversity.mechanisms import square_growth, surrogate_diversity
from loft.diversity.minibatch_sgd import Learner
from loft.diversity.rounding import short


def run(job: ReplicationJob, images: Path, metrics: Path) -> None:
    """Train all configurations of a model.

    Args:
        job: the settings.
        images: file of `loft data`.
        metrics: file of JSON lines to write.

    Raises:
        UserError: there are too few images, or the processor computes wrongly.
    """
    own = job.replication
    samples = read_samples(images, own.model, own.samples)
    experiment = Experiment(samples, own, job.mechanisms, job.seed, job.memory)
    about = {
        "model": own.model.name,
        "dataset": samples.dataset,
        "batches": [batch.size for batch in own.batches],
        "repetitions": own.repetitions,
        "factors": {name: factors for name, factors in own.factors if factors is not None},
        "passes": own.passes,
    }
    journal = Journal({"step": "replication", **about})
    for name, factors in own.factors:
        for factor in factors or []:  # null: the mechanism is not tried
            say(f"{own.model.name}, {name}, replication {factor}")
            _configuration(job, experiment, name, factor, journal)
    journal.write(metrics)


def _configuration(
    job: ReplicationJob, experiment: Experiment, name: str, factor: int, journal: Journal
) -> None:
    own, what = job.replication, {"mechanism": name, "replication": factor}
    for batch in own.batches:
        tuned = experiment.tune(name, factor, batch)
        journal.add("tuned", **what, batch=batch.size, **short(tuned))
        for repetition in range(1, own.repetitions + 1):
            looks, trained = experiment.run(name, factor, batch.size, tuned["step"], repetition)
            journal.add(
                "run",
                **what,
                batch=batch.size,
                repetition=repetition,
                losses=short([look.loss for look in looks]),
                accuracy=short(looks[-1].accuracy),
            )
            if repetition == 1 and batch is own.batches[0]:
                for when, learner in (("start", experiment.learner(1)), ("end", trained)):
                    found = _measure(job, experiment, name, factor, learner)
                    journal.add("diversity", **what, when=when, **found)


def _measure(
    job: ReplicationJob, experiment: Experiment, name: str, factor: int, learner: Learner
) -> dict[str, Any]:
    """Return Definition 1 for replicated data, and with surrogates drawn for every copy."""
    inputs, targets = experiment.subset(factor, 1)
    count = min(job.replication.measured, len(inputs))
    random = torch.Generator().manual_seed(torch_seed("diversity-estimate", job.seed, factor))
    found = estimate_diversity(learner.samples, inputs, targets, count, random)
    distinct = found.found
    whole = Diversity(
        factor * distinct.samples, factor * distinct.squares, factor**2 * distinct.together
    )
    mechanism = experiment.mechanism(name, 1)
    chunk = next(learner.samples.chunks(inputs[:count], targets[:count]))
    raised = surrogate_diversity(mechanism, whole, square_growth(mechanism, chunk))
    return {
        "samples": whole.samples,
        "measured": count,
        "diversity": short(whole.diversity),
        "error": short(found.error / factor),
        "bound": short(whole.bound),
        "mechanism_bound": short(raised.bound),
    }
