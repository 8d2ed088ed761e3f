"""Which convolutions belong together, and which of them LoFT partitions and pruning shrinks.

The two sets differ. LoFT partitions every block without a stride outside the first group, as the
communication column of Table 1 implies (decoded: the paper says only that strided blocks are left
whole). Pruning keeps the first residual block and strided blocks (section 6). PreActResNet-18:
partitioned layer2.1, layer3.1, layer4.1; pruned also layer1.1. The same holds for all networks.

With a filter of a block's first convolution go its entries in the BatchNorm between the two
convolutions and the matching input channel of the second. That is so before and after the
activation: a pre-activation block's first BatchNorm and a post-activation block's last one
normalise what enters and leaves the block, whose width stays.
"""

from collections.abc import Container, Mapping

from torch import Tensor, nn

from loft.models.parts import Block

MOVES = {  # what moves with a filter: the tensors of a block, and their dimension of filters
    "conv1.weight": 0,
    "between.weight": 0,
    "between.bias": 0,
    "between.running_mean": 0,
    "between.running_var": 0,
    "conv2.weight": 1,
}

Filters = Mapping[str, Tensor]  # block path -> indices of filters (k,), int64


def partitioned(model: nn.Module) -> dict[str, int]:
    """Return the blocks that LoFT partitions: path -> number of filters."""
    return {
        path: block.conv1.out_channels
        for path, block in _plain_blocks(model)
        if not path.startswith("layer1.")
    }


def pruned(model: nn.Module) -> dict[str, int]:
    """Return the blocks that pruning shrinks: path -> number of filters."""
    return {
        path: block.conv1.out_channels for path, block in _plain_blocks(model) if path != "layer1.0"
    }


def _plain_blocks(model: nn.Module) -> list[tuple[str, Block]]:
    """Return the residual blocks without a stride, by path such as "layer2.1"."""
    return [
        (path, module)
        for path, module in model.named_modules()
        if isinstance(module, Block) and module.conv1.stride == (1, 1)
    ]


def moves_with(name: str, paths: Container[str]) -> tuple[str, int] | None:
    """Say whose filters a tensor moves with: (block path, dimension), or None if it is shared.

    Args:
        name: of a tensor, such as "layer2.1.conv1.weight". A prefix that ends in "/" is for what
            is kept beside a parameter and moves with it, such as its momentum.
        paths: the blocks whose filters move.
    """
    group, index, tensor = [*name.rpartition("/")[2].split(".", 2), "", ""][:3]
    path = f"{group}.{index}"
    return (path, MOVES[tensor]) if path in paths and tensor in MOVES else None


def narrow(state: Mapping[str, Tensor], kept: Filters) -> dict[str, Tensor]:
    """Return the state of the network that has only the `kept` filters of the blocks named.

    Tensors that move with filters are copies; the others are those of `state` themselves.

    Args:
        state: tensors by name, a whole state or a part of one.
        kept: for each narrowed block, the filters that stay, in their new order.
    """
    result = {}
    for name, tensor in state.items():
        move = moves_with(name, kept)
        if move is None:
            result[name] = tensor
        else:
            path, dimension = move
            result[name] = tensor.index_select(dimension, kept[path].to(tensor.device))
    return result
