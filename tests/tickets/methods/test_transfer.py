"""Tensors are packed and unpacked, and options choose which are exchanged."""

import pytest
import torch

from loft.models.build import build
from loft.tickets.methods.transfer import (
    MOMENTUM,
    elements,
    exchanged_tensors,
    network_tensors,
    pack,
    unpack,
    views,
)
from loft.tickets.network.blocks import partitioned

NETWORK = build("preresnet18", 4, channels=1, size=8, classes=10)
PARAMETERS = [name for name, _ in NETWORK.named_parameters()]


def test_a_buffer_holds_all_elements_in_order() -> None:
    tensors = {"a": torch.arange(4.0).reshape(2, 2), "b": torch.tensor([9.0])}
    buffer = pack(tensors)
    assert buffer.tolist() == [0, 1, 2, 3, 9]
    assert elements(tensors) == 5
    copy = {name: torch.zeros_like(tensor) for name, tensor in tensors.items()}
    unpack(buffer, copy)
    assert all(torch.equal(copy[name], tensors[name]) for name in tensors)
    views(buffer, tensors)["b"].fill_(7)
    assert buffer[-1] == 7


def test_a_network_is_its_parameters_and_running_statistics() -> None:
    names = network_tensors(NETWORK)
    assert names[: len(PARAMETERS)] == PARAMETERS
    state = {name for name in NETWORK.state_dict() if "num_batches" not in name}
    assert {*names} == state


@pytest.mark.parametrize(
    ("batch_norm", "running"),
    [("recalibrate", set()), ("carry", {"layer2.1", "layer3.1", "layer4.1"}), ("average", None)],
)
def test_what_is_exchanged_of_batch_norm(batch_norm: str, running: set[str] | None) -> None:
    names = exchanged_tensors(NETWORK, batch_norm, partitioned(NETWORK))
    assert names[: len(PARAMETERS)] == PARAMETERS
    sent = [name for name in names if "running_" in name]
    if running is None:
        assert names == network_tensors(NETWORK)
    else:
        assert {name.partition(".between")[0] for name in sent} == running


def test_momentum_buffers_come_last() -> None:
    names = exchanged_tensors(NETWORK, "recalibrate", momentum=True)
    assert names == PARAMETERS + [MOMENTUM + name for name in PARAMETERS]
