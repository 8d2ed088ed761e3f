"""What each process of a pretraining holds when all of it is in host memory, phase by phase.

A worker trains, then synchronises without gradients, and rank 0 evaluates the global model. What
sizes of tensors give is exact; estimates are activations, and what the library of convolutions
keeps to work in: for both weights of the largest layer, in its own layout.
"""

from dataclasses import dataclass

from loft.core.data.dimensions import Dimensions
from loft.core.training.learner import EVALUATION_BATCH
from loft.tickets.methods.convention import FLOAT
from loft.tickets.planning import costs
from loft.tickets.planning.footprint import pretraining_memories
from loft.tickets.pretraining.job import PretrainJob

LIVE = 3  # activations at a time in a forward pass: what enters a layer, leaves it, and goes around
LAYOUTS = 2  # copies of a weight that the library of convolutions works on


@dataclass(frozen=True)
class Phases:
    """Bytes that a process holds beside what it does before it begins.

    Attributes:
        exact: parameters, gradients and momentum, whatever else: less is too little.
        training, synchronising, evaluating: with estimates.
    """

    exact: int
    training: int
    synchronising: int
    evaluating: int

    @property
    def peak(self) -> int:
        return max(self.training, self.synchronising, self.evaluating)


def phases(job: PretrainJob, data: Dimensions, precision: str) -> list[Phases]:
    """Return what each worker holds, in order of rank, where each trains a network of its own."""
    method, whole = job.options, costs.whole(job.model, data)
    network = costs.networks(job.model, data)(None)
    seen = min(EVALUATION_BATCH, data.test_images) * LIVE * FLOAT * whole.largest_floats
    found = []
    shares = zip(costs.trained(job, data), pretraining_memories(job, data, precision), strict=True)
    for rank, (own, memory) in enumerate(shares):
        tool = LAYOUTS * FLOAT * own.largest_weight
        between = memory.images + own.state_bytes + method.keeps_momentum * memory.momentum + tool
        evaluated = method.evaluating_bytes(whole, network) + seen
        found.append(
            Phases(
                exact=memory.parameters + memory.gradients + memory.momentum,
                training=memory.device + tool,
                synchronising=between + method.synchronising_bytes(rank, own, whole),
                evaluating=between + (rank == 0) * evaluated,
            )
        )
    return found
