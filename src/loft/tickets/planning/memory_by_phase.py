"""Compute the host memory of each process of a pretraining on CPUs, by phase.

The phases are training, synchronising (without gradients) and, on rank 0, evaluating the global
model. Sizes of tensors are exact. Activations are estimated, and so is the workspace of the
convolution library: copies of the largest weight in its own layout.
"""

from dataclasses import dataclass

from loft.core.data.dimensions import Dimensions
from loft.core.training.learner import EVALUATION_BATCH
from loft.tickets.methods.convention import FLOAT
from loft.tickets.planning import costs
from loft.tickets.planning.footprint import pretraining_memories
from loft.tickets.pretraining.job import PretrainJob

LIVE = 3  # activations at a time in a forward pass: a layer's input, its output, the shortcut
LAYOUTS = 2  # copies of a weight in the convolution library


@dataclass(frozen=True)
class PhaseMemory:
    """Bytes that a process needs in each phase, in addition to its memory before the job.

    Attributes:
        exact: parameters, gradients, momentum and what the method keeps; a lower bound.
        training, synchronising, evaluating: estimates of each phase.
    """

    exact: int
    training: int
    synchronising: int
    evaluating: int

    @property
    def peak(self) -> int:
        return max(self.training, self.synchronising, self.evaluating)


def memory_by_phase(job: PretrainJob, data: Dimensions, precision: str) -> list[PhaseMemory]:
    """Return the memory of each worker, in order of rank. Each worker is a process."""
    method, whole = job.options, costs.whole(job.model, data)
    network = costs.networks(job.model, data)(None)
    seen = min(EVALUATION_BATCH, data.test_images) * LIVE * FLOAT * whole.largest_floats
    found = []
    shares = zip(costs.trained(job, data), pretraining_memories(job, data, precision), strict=True)
    for rank, (own, memory) in enumerate(shares):
        tool = LAYOUTS * FLOAT * own.largest_weight
        between = memory.images + memory.kept + own.state_bytes + tool
        between += method.keeps_momentum * memory.momentum
        evaluated = method.evaluating_bytes(whole, network) + seen
        found.append(
            PhaseMemory(
                exact=memory.exact - memory.images,
                training=memory.device + tool,
                synchronising=between + method.synchronising_bytes(rank, own, whole),
                evaluating=between + (rank == 0) * evaluated,
            )
        )
    return found
