"""What training a network costs, from its shapes: operations, memory and room in a file.

Networks are run once, forward and back, on "meta", where tensors have shapes and no values. Counted
are the operations of convolutions and the classifier, two to a multiply-add, and what autograd
keeps for the way back.
"""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from loft.core.data.dimensions import Dimensions
from loft.models import ModelSettings
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import FLOAT, NetworkOf
from loft.tickets.methods.pipeline_stages import boundaries
from loft.tickets.network.blocks import pruned
from loft.tickets.network.norms import FILTER_NORMS
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pruning.survivors import removed

IMAGES = 2  # run through a network: in training BatchNorm refuses a single value a channel


@dataclass(frozen=True)
class Cost:
    """A network's, or a pipeline stage's. Operations and what is kept are for one image.

    Attributes:
        parameters: how many numbers are trained.
        state_bytes: of all its tensors, running statistics included: what a file of weights holds.
        convolutions: how many layers of filters.
        filters: of all convolutions.
        channels: of all BatchNorms.
        forward_flops: of a forward pass.
        training_flops: of a forward and a backward pass.
        kept_floats: numbers that autograd keeps for the backward pass, parameters left out.
        kept_bytes: of what else it keeps, such as the places of maxima.
        largest_floats: numbers that leave the layer with the most.
        largest_weight: numbers in the largest tensor of parameters; of no image.
    """

    parameters: int
    state_bytes: int
    convolutions: int
    filters: int
    channels: int
    forward_flops: int
    training_flops: int
    kept_floats: int
    kept_bytes: int
    largest_floats: int
    largest_weight: int

    def norms_bytes(self, epochs: int) -> int:
        """Return the size of a pretraining's record, of every epoch and the untrained network."""
        return (epochs + 1) * FLOAT * (len(FILTER_NORMS) * self.filters + self.channels)

    def pairs_bytes(self, epochs: int) -> int:
        """Return the size of distances between all pairs of epochs, of filters and of masks."""
        return FLOAT * (self.convolutions * (epochs + 1) ** 2 + epochs**2)


def cost(layers: nn.Module, entering: Tensor) -> Cost:
    """Run a network, or some of its layers, on `entering` (n, c, h, w), all of it on "meta".

    What enters layers that are not the first requires a gradient.
    """
    trained = [*layers.parameters()]
    own = {parameter.untyped_storage()._cdata for parameter in trained}
    leaving_layers = [0]  # numbers
    kept: dict[int, Tensor] = {}  # by storage: several operations may keep the same numbers

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()._cdata
        if storage not in own:
            kept[storage] = tensor
        return tensor

    def look(_: nn.Module, __: object, leaving: Tensor) -> None:
        leaving_layers.append(leaving.numel())

    hooks = [module.register_forward_hook(look) for module in layers.modules()]
    layers.train()
    with (
        FlopCounterMode(display=False) as counter,
        saved_tensors_hooks(keep, lambda tensor: tensor),
    ):
        leaving = layers(entering)
        forward = counter.get_total_flops()
        torch.autograd.backward(leaving, torch.empty_like(leaving))
        training = counter.get_total_flops()
    layers.zero_grad()
    for hook in hooks:
        hook.remove()
    sizes: dict[bool, int] = {True: 0, False: 0}  # floating point or not -> bytes
    for tensor in kept.values():
        sizes[tensor.is_floating_point()] += tensor.untyped_storage().nbytes()
    state, images = layers.state_dict(), len(entering)
    filters = [len(tensor) for tensor in state.values() if tensor.ndim == 4]
    return Cost(
        parameters=sum(parameter.numel() for parameter in trained),
        state_bytes=sum(tensor.nbytes for tensor in state.values()),
        convolutions=len(filters),
        filters=sum(filters),
        channels=sum(len(state[name]) for name in state if name.endswith(".running_var")),
        forward_flops=forward // images,
        training_flops=training // images,
        kept_floats=sizes[True] // FLOAT // images,
        kept_bytes=sizes[False] // images,
        largest_floats=max(leaving_layers) // images,
        largest_weight=max(parameter.numel() for parameter in trained),
    )


@cache
def networks(model: ModelSettings, data: Dimensions) -> NetworkOf:
    """Return what makes a model's networks, without values, for a data set."""
    return ledger.networks(model, data.channels, data.size, data.classes)


@cache
def whole(model: ModelSettings, data: Dimensions) -> Cost:
    """Return the cost of the full network."""
    return _narrowed(model, data, ())


@cache
def ticket(model: ModelSettings, data: Dimensions, ratio: float, multiple: int) -> Cost:
    """Return the cost of a network pruned at `ratio`, in multiples of so many filters."""
    blocks = pruned(networks(model, data)(None))
    left = tuple((path, count - removed(count, ratio, multiple)) for path, count in blocks.items())
    return _narrowed(model, data, left)


def trained(job: PretrainJob, data: Dimensions) -> tuple[Cost, ...]:
    """Return what each worker of a pretraining trains, in order of rank."""
    network = networks(job.model, data)(None)
    shares = job.options.shares(network, job.workers)
    widths = [tuple(share.filters.items()) for share in shares]
    stages = tuple(share.layers for share in shares)
    if any(stages):
        return _stages(job.model, data, stages)
    return tuple(_narrowed(job.model, data, filters) for filters in widths)


@cache
def _stages(
    model: ModelSettings, data: Dimensions, stages: tuple[tuple[str, ...], ...]
) -> tuple[Cost, ...]:
    """Return the cost of each stage of the whole network, whose layers are given by path."""
    network = networks(model, data)(None)
    entering = boundaries(network, stages, IMAGES, data.image)
    found = []
    for number, paths in enumerate(stages):
        layers = nn.Sequential(*(network.get_submodule(path) for path in paths))
        tensor = entering[number].detach().requires_grad_(number > 0)
        found.append(cost(layers, tensor))
    return tuple(found)


@cache
def _narrowed(model: ModelSettings, data: Dimensions, filters: tuple[tuple[str, int], ...]) -> Cost:
    images = torch.empty(IMAGES, *data.image, device="meta")
    return cost(networks(model, data)(dict(filters)), images)
