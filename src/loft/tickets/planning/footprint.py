"""Compute the memory of a run's trainings, and the bytes of the files that they write.

Everything follows from shapes. All numbers are exact except activations, an estimate from what
autograd keeps of a batch for the backward pass. Headers of files and JSON files are not counted.
"""

from dataclasses import dataclass, replace

from loft.core.data.dimensions import Dimensions
from loft.core.data.settings import AugmentSettings, PaddedCrop
from loft.models import ModelSettings
from loft.tickets.finetuning.job import FinetuneJob
from loft.tickets.methods.convention import FLOAT
from loft.tickets.planning import costs
from loft.tickets.planning.costs import Cost
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pruning.job import TicketName
from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.settings import PruneSettings

BFLOAT16 = 2  # bytes
LABEL = 8  # bytes, int64


@dataclass(frozen=True)
class Memory:
    """Memory of a worker while it trains, in bytes.

    Attributes:
        parameters, gradients, momentum: of its network, on its device.
        kept: other tensors that it keeps on its device from round to round.
        images: the data set on its device, if it is kept in memory.
        activations: on its device; an estimate.
        host: the whole network in rank 0's host memory, in addition to its own part.
    """

    parameters: int
    gradients: int
    momentum: int
    images: int
    activations: int
    host: int
    kept: int = 0

    @property
    def exact(self) -> int:
        """Bytes on the device without the estimate of activations."""
        return self.parameters + self.gradients + self.momentum + self.kept + self.images

    @property
    def device(self) -> int:
        return self.exact + self.activations


def pretraining_memory(job: PretrainJob, data: Dimensions, precision: str) -> Memory:
    """Return the memory of the pretraining worker that needs the most."""
    found = pretraining_memories(job, data, precision)
    return max(found, key=lambda memory: memory.device)


def pretraining_memories(job: PretrainJob, data: Dimensions, precision: str) -> list[Memory]:
    """Return the memory of each worker of a pretraining."""
    networks = costs.trained(job, data)
    host = job.options.host_bytes(costs.whole(job.model, data), networks)
    kept = job.options.kept_bytes(costs.networks(job.model, data)(None))
    found = (
        _memory(network, job.sgd.batch_size, job.augment, data, precision, host)
        for network in networks
    )
    return [replace(memory, kept=kept) for memory in found]


def finetuning_memory(
    job: FinetuneJob, model: ModelSettings, data: Dimensions, precision: str
) -> Memory:
    """Return the memory of the largest ticket."""
    name = min(job.tickets, key=lambda name: name.ratio)
    largest = costs.ticket(model, data, name.ratio, name.multiple)
    return _memory(largest, job.sgd.batch_size, job.augment, data, precision, 0)


def _memory(
    network: Cost, batch: int, augment: AugmentSettings, data: Dimensions, precision: str, host: int
) -> Memory:
    weights = FLOAT * network.parameters
    activations = batch * (FLOAT * network.kept_floats + network.kept_bytes)
    if precision == "bfloat16":  # autocast also keeps a copy of the weights
        activations = batch * (BFLOAT16 * network.kept_floats + network.kept_bytes)
        activations += BFLOAT16 * network.parameters
    images = 0
    if isinstance(augment, PaddedCrop):  # padded images, one byte per pixel
        side = data.size + 2 * augment.crop_padding
        images = data.train_images * (data.channels * side**2 + LABEL)
    return Memory(weights, weights, weights, images, activations, host)


def pretraining_files(job: PretrainJob, data: Dimensions) -> int:
    """Return the bytes of snapshots, norms and, for the dense column, distances between epochs."""
    if job.measured_steps is not None:
        return 0
    network = costs.whole(job.model, data)
    pairs = network.pairs_bytes(job.epochs) if job.cell == UNPRUNED else 0
    snapshots = len(job.snapshots) * network.state_bytes
    return snapshots + network.norms_bytes(job.epochs) + pairs


def ticket_files(
    model: ModelSettings, prune: PruneSettings, snapshots: int, data: Dimensions
) -> int:
    """Return the bytes of the tickets of a number of snapshots."""
    tickets = [costs.ticket(model, data, ratio, prune.multiple) for ratio in prune.ratios]
    return snapshots * sum(ticket.state_bytes for ticket in tickets)


def finetuning_files(job: FinetuneJob, model: ModelSettings, data: Dimensions) -> int:
    """Return the bytes of the networks that are kept and of the norms: one kind, all epochs."""

    def cost(name: TicketName) -> Cost:
        return costs.ticket(model, data, name.ratio, name.multiple)

    filters = sum(cost(name).filters for name in job.tickets)
    kept = sum(cost(name).state_bytes for name in job.kept)
    return kept + FLOAT * (job.epochs + 1) * filters


def data_files(kind: str, data: Dimensions) -> int:
    """Return the bytes of a run's prepared images; of image files only the labels are counted."""
    count = data.train_images + data.test_images
    pixels = data.channels * data.size**2 if kind == "images" else 0
    return count * (pixels + LABEL)
