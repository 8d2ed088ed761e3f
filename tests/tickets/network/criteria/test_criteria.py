"""Every criterion of the folder is in the table, and scores each filter."""

import pkgutil

import pytest
import torch

from loft.models.build import build
from loft.tickets.network import criteria
from loft.tickets.network.blocks import pruned
from loft.tickets.network.criteria import CRITERIA
from loft.tickets.network.survivors import score


def test_no_criterion_is_forgotten() -> None:
    assert {module.name for module in pkgutil.iter_modules(criteria.__path__)} == {*CRITERIA}


@pytest.mark.parametrize("name", CRITERIA)
def test_a_filter_has_a_score(name: str) -> None:
    network = build("preresnet18", 4, channels=1, size=8, classes=10, seed=0)
    state = network.state_dict()
    state["layer1.1.between.weight"] = torch.tensor([0.1, 0.4, 0.2, 0.3])
    scores = score(name, network, state, (1, 8, 8), seed=0)
    assert {path: len(own) for path, own in scores.items()} == pruned(network)
    assert len({*scores["layer1.1"].tolist()}) == 4
