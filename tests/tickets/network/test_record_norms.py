"""A record of norms has a row of the untrained network and one an epoch, for every layer."""

import torch
from torch import nn

from loft.core.training.hooks import Epoch
from loft.core.training.learner import Tally
from loft.models.build import build
from loft.tickets.network.norms import measure_norms
from loft.tickets.network.record_norms import Record, RecordNorms, stacked


def network(seed: int) -> nn.Module:
    return build("preresnet18", 4, channels=1, size=8, classes=10, seed=seed)


def epoch(number: int) -> Epoch:
    return Epoch(number, Tally(), lambda calibrated: network(number))


def test_rows_are_the_norms_of_each_epochs_network() -> None:
    record = Record()
    hook = RecordNorms(record, ["l2"], "epoch2/")
    hook.begin(epoch(0))
    hook.after_epoch(epoch(1))
    rows = stacked(record)
    for number in (0, 1):
        expected = measure_norms(network(number).state_dict(), ["l2"])
        assert rows.keys() == {f"epoch2/{layer}" for layer in expected}
        for layer, values in expected.items():
            assert torch.equal(rows[f"epoch2/{layer}"][number], values)


def test_a_record_that_trainings_share_goes_on_whole() -> None:
    """A later training keeps in its state what was recorded of an earlier one."""
    straight, before, after = Record(), Record(), Record()
    for record in (straight, before):
        RecordNorms(record, ["l2"], "a/").begin(epoch(0))
        RecordNorms(record, ["l2"], "b/").begin(epoch(1))
    hook = RecordNorms(after, ["l2"], "b/")
    hook.load_state(*RecordNorms(before, ["l2"], "b/").state())
    hook.after_epoch(epoch(2))
    RecordNorms(straight, ["l2"], "b/").after_epoch(epoch(2))
    assert after.keys() == straight.keys()
    assert all(torch.equal(stacked(after)[name], rows) for name, rows in stacked(straight).items())
