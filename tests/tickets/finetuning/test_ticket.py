"""What fine-tuning measures of a ticket."""

import pytest
import torch

from loft.models.build import build
from loft.tickets.finetuning.ticket import Ticket
from loft.tickets.pruning.job import TicketName


def ticket(device: str) -> Ticket:
    network = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0).to(device)
    name = TicketName(snapshot=1, ratio=0.5, multiple=1)
    return Ticket(name, network, {"channels": 1})


def test_operations_are_counted_on_the_networks_device() -> None:
    """A network elsewhere takes no image from host memory; "meta" is elsewhere too."""
    with pytest.raises(RuntimeError, match="device"):
        ticket("meta").network(torch.zeros(1, 1, 8, 8))
    assert ticket("meta").flops(8) == ticket("cpu").flops(8) > 0
