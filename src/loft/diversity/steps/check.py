"""Check before a run that this machine's processor computes the models correctly."""

import torch

from loft.core.data.dimensions import image_shape
from loft.diversity.experiment import initial_learner, trust_learner
from loft.diversity.image_samples import Samples
from loft.diversity.run import Run

CLASSES = 10  # images have not been read yet, so any number will do


def run(run: Run) -> None:
    """Check all models, each with its number of threads.

    Raises:
        UserError: the processor computes a model wrongly.
    """
    own = run.diversity
    image = image_shape(run.data)
    trainings = [*own.replication, own.passes, own.dropconnect]
    cases = [(each.model, each.threads) for each in trainings] + [(own.speedup.model, 1)]
    inputs, targets = torch.zeros(1, *image), torch.zeros(1, dtype=torch.int64)
    samples = Samples("", image[0], image[1], CLASSES, inputs, targets)
    for model, threads in dict.fromkeys(case for case in cases if case[0].name != "logistic"):
        trust_learner(initial_learner(samples, model, own.seed, 0, own.memory), inputs, threads)
