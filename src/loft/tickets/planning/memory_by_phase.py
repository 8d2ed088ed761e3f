"""What each process of a pretraining holds when all of it is in host memory, phase by phase.

A worker trains, then synchronises without gradients, and rank 0 evaluates the global model. What
sizes of tensors give is exact; estimates are activations, and what the library of convolutions
keeps to work in: for both weights of the largest layer, in its own layout.

Legend: W the whole network, in LoFT on rank 0 between rounds; a piece, what of it travels at once.
"""

from dataclasses import dataclass

from loft.core.data.dimensions import Dimensions
from loft.core.training.learner import EVALUATION_BATCH
from loft.tickets.methods.aggregation import PIECE
from loft.tickets.methods.convention import FLOAT
from loft.tickets.methods.options import LocalSgdOptions, LoftOptions
from loft.tickets.network.blocks import partitioned
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
    """Return what each worker holds, in order of rank; dense, Local SGD and LoFT."""
    whole = costs.whole(job.model, data)
    loft = isinstance(job.options, LoftOptions)
    carried = not (isinstance(job.options, LoftOptions) and job.options.momentum == "reset")
    copies = 1 + (loft and carried)  # of W: itself and, where it travels, its momentum
    seen = min(EVALUATION_BATCH, data.test_images) * LIVE * FLOAT * whole.largest_floats
    found = []
    for rank, memory in enumerate(pretraining_memories(job, data, precision)):
        own = costs.trained(job.method, job.workers, job.model, data)[rank]
        tool = LAYOUTS * FLOAT * own.largest_weight
        between = memory.images + own.state_bytes + carried * memory.momentum + tool
        collected = between + (rank == 0) * (copies * whole.state_bytes)
        moving = copies * whole.state_bytes if rank == 0 and loft else 0
        found.append(
            Phases(
                exact=memory.parameters + memory.gradients + memory.momentum,
                training=memory.device + tool,
                synchronising=between + moving + _message(job, own.state_bytes, whole),
                evaluating=collected + (rank == 0) * (seen + scaled(job, data)),
            )
        )
    return found


def scaled(job: PretrainJob, data: Dimensions) -> int:
    """Return the bytes of LoFT's branches that are scaled for the merged network."""
    if not isinstance(job.options, LoftOptions) or job.options.branch_scale == "one":
        return 0
    network = costs.networks(job.model, data)(None)
    return sum(network.get_parameter(f"{p}.conv2.weight").nbytes for p in partitioned(network))


def _message(job: PretrainJob, own: int, whole: costs.Cost) -> int:
    """Return the bytes of messages: of Local SGD a network; of LoFT two pieces, one being read."""
    if isinstance(job.options, LoftOptions):
        return min(2 * max(PIECE, FLOAT * whole.largest_weight), 2 * own)
    return own if isinstance(job.options, LocalSgdOptions) else 0
