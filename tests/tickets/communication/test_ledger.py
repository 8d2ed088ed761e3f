"""The ledger counts what a hand counts."""

import pytest

from loft.models.settings import ResNetSettings
from loft.tickets.communication import ledger
from loft.tickets.communication.ledger import total_bytes
from loft.tickets.methods import counting
from loft.tickets.methods.convention import PAPER, PROTOCOL
from loft.tickets.network.blocks import partitioned
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.run.run import Run
from tests.conftest import changed


@pytest.mark.parametrize(
    ("name", "part", "shared"),
    [
        ("preresnet18", 6_193_152 + 1_792, 4_792_320),
        ("preresnet34", 16_220_160 + 5_376, 4_866_048),
        ("resnet34", 16_220_160 + 5_376, 4_866_048),
    ],
)
def test_what_loft_partitions_and_shares(name: str, part: int, shared: int) -> None:
    model = ResNetSettings.model_validate({"name": name, "width": 64})
    network = ledger.network_builder(model, 3, 32, 10)(None)
    state = dict(network.named_parameters())
    groups = counting.split_names(state, partitioned(network))
    found = [sum(state[name].numel() for name in group) for group in groups]
    assert found[:2] == [part, shared]
    assert sum(found) == sum(parameter.numel() for parameter in network.parameters())


def test_rounds_end_after_local_iterations_and_with_an_epoch(run: Run) -> None:
    job = changed(run.pretrain_job("preresnet18", "loft-2", 0), {"local_iterations": 3}, epochs=2)
    assert ledger_entry(job, 1, 8, 10, iterations=7).rounds == 2 * 3


def test_a_star_without_the_centre_is_as_dear_as_a_ring(run: Run) -> None:
    """Local SGD: S - 1 networks there and back; the paper's star has S, and fewer ways of O."""
    job = run.pretrain_job("preresnet18", "local_sgd-4", 0)
    pretraining = ledger_entry(job, 1, 8, 10, iterations=2)
    parameters = sum(p.numel() for p in pretraining.network(None).parameters())
    assert total_bytes(pretraining, PROTOCOL) == 4 * pretraining.rounds * 2 * 3 * parameters
    assert total_bytes(pretraining, PAPER) < 4 * pretraining.rounds * 2 * 4 * parameters


def test_dense_training_sends_nothing(run: Run) -> None:
    pretraining = ledger_entry(run.pretrain_job("preresnet18", "dense", 0), 1, 8, 10, 5)
    assert total_bytes(pretraining, PROTOCOL) == total_bytes(pretraining, PAPER) == 0
