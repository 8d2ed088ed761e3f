"""Every criterion of the folder is in the table, and scores each filter."""

import pkgutil

import pytest
import torch

from loft.core.seeding import stream
from loft.tickets.network import criteria
from loft.tickets.network.criteria import CRITERIA, criterion


def test_no_criterion_is_forgotten() -> None:
    assert {module.name for module in pkgutil.iter_modules(criteria.__path__)} == {*CRITERIA}


@pytest.mark.parametrize("name", CRITERIA)
def test_a_filter_has_a_score(name: str) -> None:
    weight = torch.randn(5, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    scores = criterion(name)(weight, stream("test", 0))
    assert scores.shape == (5,)
    assert len({*scores.tolist()}) == 5
