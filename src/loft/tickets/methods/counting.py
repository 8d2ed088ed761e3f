"""Count the numbers that workers send when they merge networks, from shapes.

A method's own file computes what its workers send (`Method.sent`); this module holds what several
methods need. `convention` has the formulas.
"""

from collections.abc import Callable, Iterable, Mapping

from torch import nn

from loft.tickets.methods.convention import Convention, Pretraining
from loft.tickets.methods.transfer import MOMENTUM
from loft.tickets.network.blocks import moves_with, partitioned


def count_merging(
    pretraining: Pretraining, convention: Convention, travels: Callable[[nn.Module], list[str]]
) -> float:
    """Count the floats sent when workers' networks go to rank 0 and back in each round.

    A ring all-reduce over S networks sends as much as this star: 2 (S - 1) networks.

    Args:
        pretraining: the pretraining; its method says what each worker trains.
        convention: the convention to count by.
        travels: names the tensors of a worker's network that are sent, where `convention.extras`;
            otherwise its parameters are counted.
    """
    whole = pretraining.network(None)
    paths = partitioned(whole)
    floats = 0
    shares = pretraining.method.shares(whole, pretraining.workers)
    for share in shares[int(convention.coordinator_works) :]:
        network = pretraining.network(share.filters)
        names = [name for name, _ in network.named_parameters()]
        if convention.extras:
            names = travels(network)
        if not convention.classifier:
            names = [name for name in names if not name.startswith("head.linear.")]
        part, shared, rest = (count_numbers(network, group) for group in split_names(names, paths))
        if convention.last_norm and not any(name.startswith("head.norm") for name in names):
            rest += 2 * network.get_parameter("head.linear.weight").shape[1]
        floats += 2 * (part + shared) + convention.trips_of_other_tensors * rest
    return pretraining.rounds * floats


def split_names(names: Iterable[str], paths: Mapping[str, int]) -> tuple[list[str], ...]:
    """Split names of tensors into those of W_part, W_sh and O; `paths`: the partitioned blocks."""
    part, shared, rest = [], [], []
    for name in names:
        if moves_with(name, paths):
            part.append(name)
        elif name.endswith((".conv1.weight", ".conv2.weight")):
            shared.append(name)
        else:
            rest.append(name)
    return part, shared, rest


def count_numbers(network: nn.Module, names: Iterable[str]) -> int:
    """Count the numbers in tensors of these names; a momentum buffer has its parameter's."""
    state = network.state_dict()
    return sum(state[name.removeprefix(MOMENTUM)].numel() for name in names)
