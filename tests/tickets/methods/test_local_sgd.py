"""Local SGD exchanges what its option for BatchNorm says."""

import pytest

from loft.models.settings import ResNetSettings
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL, Pretraining
from loft.tickets.methods.local_sgd import LocalSgd

NETWORK = ledger.network_builder(
    ResNetSettings.model_validate({"name": "preresnet18", "width": 4}), 1, 8, 10
)


@pytest.mark.parametrize("batch_norm", ["recalibrate", "average", "carry"])
def test_running_statistics_are_sent_only_to_be_averaged(batch_norm: str) -> None:
    method = LocalSgd.model_validate({"batch_norm": batch_norm})
    own = Pretraining(method, 3, NETWORK, (1, 8, 8), 32, 10, rounds=5, epochs=1, seed=0)
    state = NETWORK(None).state_dict()
    running = sum(t.numel() for n, t in state.items() if "running_" in n)
    parameters = sum(tensor.numel() for tensor in NETWORK(None).parameters())
    one = parameters + (running if batch_norm == "average" else 0)
    assert method.sent(own, PROTOCOL) == 2 * (3 - 1) * one * 5
