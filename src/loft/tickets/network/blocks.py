"""Find the blocks that LoFT partitions and those that pruning narrows; take filters out of tensors.

The two sets differ. LoFT partitions every block without a stride outside the first group, as the
communication column of Table 1 implies (decoded: the paper says only that strided blocks are left
whole). Pruning keeps the first residual block and strided blocks (section 6). In PreActResNet-18
LoFT partitions layer2.1, layer3.1 and layer4.1; pruning narrows these and layer1.1. The rule is the
same for all networks.

To a filter of a block's first convolution belong its entries in the BatchNorm between the two
convolutions and the matching input channel of the second convolution. This holds for pre- and
post-activation blocks: their other BatchNorm normalises the block's input or output, whose width
does not change.
"""

from collections.abc import Container, Mapping

from torch import Tensor, nn

from loft.models.parts import Block

MOVES = {  # tensors of a block that move with its filters -> the dimension of the filters
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


def unnormalised_branches(model: nn.Module) -> list[str]:
    """Return the names of the partitioned blocks' conv2 weights that no BatchNorm follows."""
    return [
        f"{path}.conv2.weight"
        for path, block in _plain_blocks(model)
        if path in partitioned(model) and not block.normalised
    ]


def pruned(model: nn.Module) -> dict[str, int]:
    """Return the blocks that pruning narrows: path -> number of filters."""
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
    """Return the block whose filters a tensor moves with, and its dimension of filters.

    Args:
        name: name of a tensor, such as "layer2.1.conv1.weight". It may have a prefix that ends in
            "/", such as "momentum/" for the parameter's momentum buffer.
        paths: the blocks whose filters move.

    Returns:
        (block path, dimension), or None if the tensor is shared by all workers.
    """
    group, index, tensor = [*name.rpartition("/")[2].split(".", 2), "", ""][:3]
    path = f"{group}.{index}"
    return (path, MOVES[tensor]) if path in paths and tensor in MOVES else None


def narrow(state: Mapping[str, Tensor], kept: Filters) -> dict[str, Tensor]:
    """Return the state of a narrower network: only the `kept` filters of the given blocks.

    Tensors that move with filters are copied; the others are the tensors of `state`.

    Args:
        state: tensors by name, all of a network or some.
        kept: block path -> filters that stay, in their new order.
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
