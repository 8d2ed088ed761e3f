"""What is recorded of a network: norms of whole filters, scale factors of every BatchNorm."""

import math

import pytest
import torch

from loft.models.build import build
from loft.tickets.network.norms import (
    ALL_NORMS,
    filter_norms,
    measure_norms,
    of_kind,
    scale_factors,
)


def test_norms_by_hand() -> None:
    weight = torch.zeros(3, 2, 3, 3)
    weight[1, 0, 0, 0], weight[1, 1, 2, 2], weight[2] = -3.0, 4.0, 0.1
    state = {"stem.weight": weight, "head.linear.weight": torch.ones(2, 2)}
    expected = {
        "l1": [0.0, 7.0, 1.8],
        "l2": [0.0, 5.0, 0.1 * math.sqrt(18)],
        "max": [0.0, 4.0, 0.1],
    }
    for norm, values in expected.items():
        norms = filter_norms(state, norm)
        assert list(norms) == ["stem"]
        assert norms["stem"].tolist() == pytest.approx(values)


def test_a_record_has_every_convolution_and_every_batch_norm() -> None:
    network = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)
    with torch.no_grad():
        network.get_parameter("layer1.0.between.weight").fill_(-2.0)
    state = network.state_dict()
    record = measure_norms(state, ALL_NORMS)
    modules = dict(network.named_modules())
    convolutions = [n for n, m in modules.items() if isinstance(m, torch.nn.Conv2d)]
    batch_norms = [n for n, m in modules.items() if isinstance(m, torch.nn.BatchNorm2d)]
    assert sorted(of_kind(record, "max")) == sorted(convolutions)
    assert sorted(of_kind(record, "scale")) == sorted(batch_norms)
    assert len(record) == 3 * len(convolutions) + len(batch_norms)
    assert record["scale/layer1.0.between"].tolist() == [2.0] * 4
    assert set(measure_norms(state, ["l2"])) == {f"l2/{name}" for name in convolutions}
    assert set(scale_factors(state)) == set(batch_norms)
