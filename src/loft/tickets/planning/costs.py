"""Compute the costs of training a network from its shapes: operations, memory and file sizes.

Networks run once, forward and backward, on "meta", where tensors have shapes and no values. The
operations of convolutions and the classifier are counted, two per multiply-add, and the tensors
that autograd keeps for the backward pass.
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
from loft.tickets.network.survivors import removed
from loft.tickets.pretraining.job import PretrainJob

IMAGES = 2  # in a batch; BatchNorm refuses a single value per channel while training


@dataclass(frozen=True)
class Cost:
    """Costs of a network or of a pipeline stage.

    Attributes:
        parameters: number of trained parameters.
        state_bytes: bytes of all tensors, including running statistics; the size of their file.
        convolutions: number of convolutions.
        filters: filters of all convolutions.
        channels: channels of all BatchNorms.
        forward_flops: operations of a forward pass on one image.
        training_flops: operations of a forward and a backward pass on one image.
        kept_floats: floats per image that autograd keeps for the backward pass, no parameters.
        kept_bytes: bytes per image of other tensors that it keeps, such as indices of maxima.
        largest_floats: floats per image of the largest output of a layer.
        largest_weight: numbers in the largest parameter.
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
        """Return the bytes of a pretraining's record of norms, including the untrained network."""
        return (epochs + 1) * FLOAT * (len(FILTER_NORMS) * self.filters + self.channels)

    def pairs_bytes(self, epochs: int) -> int:
        """Return the bytes of the filter and mask distances between all pairs of epochs."""
        return FLOAT * (self.convolutions * (epochs + 1) ** 2 + epochs**2)


def cost(layers: nn.Module, entering: Tensor) -> Cost:
    """Run a network, or some of its layers, on `entering` (n, c, h, w), all on "meta".

    The input of layers that are not the first must require a gradient.
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
    """Return a function that builds a model's networks without values, for a data set."""
    return ledger.network_builder(model, data.channels, data.size, data.classes)


@cache
def whole(model: ModelSettings, data: Dimensions) -> Cost:
    """Return the cost of the full network."""
    return _narrowed(model, data, ())


@cache
def ticket(model: ModelSettings, data: Dimensions, ratio: float, multiple: int) -> Cost:
    """Return the cost of a network pruned at `ratio`; filters that stay are a `multiple`."""
    blocks = pruned(networks(model, data)(None))
    left = tuple((path, count - removed(count, ratio, multiple)) for path, count in blocks.items())
    return _narrowed(model, data, left)


def trained(job: PretrainJob, data: Dimensions) -> tuple[Cost, ...]:
    """Return the cost of what each worker of a pretraining trains, in order of rank."""
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
    """Return the cost of each stage of the whole network; stages are paths of layers."""
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
