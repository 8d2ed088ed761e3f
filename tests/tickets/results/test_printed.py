"""The paper's Table 1, as transcribed."""

from loft.models import NETWORKS
from loft.tickets.methods import METHODS
from loft.tickets.results.printed import PAPER_METHODS, PAPER_MODELS, paper_rows, paper_table


def test_names_are_those_of_the_project() -> None:
    assert {*PAPER_METHODS} <= {*METHODS}
    assert {*PAPER_MODELS} <= {*NETWORKS}
    assert {*paper_table()["method"]} <= {*PAPER_METHODS.values()}


def test_rows_are_the_long_versions() -> None:
    rows = paper_rows("preresnet18", "CIFAR-10")
    assert {*rows["version"]} == {"v2"}
    assert {*rows["model"]} == {"PreResNet-18"}
    assert len(paper_table()) == 61


def test_an_unknown_network_has_no_rows() -> None:
    assert len(paper_rows("wideresnet18", "CIFAR-10")) == 0
    assert len(paper_rows("preresnet18", "digits")) == 0
