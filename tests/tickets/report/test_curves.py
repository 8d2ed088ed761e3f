"""Panels of a table: one for each network and data set."""

import pandas as pd

from loft.tickets.report.curves import networks, size


def test_a_panel_for_each_network_and_data_set_in_order() -> None:
    table = pd.DataFrame({"model": ["b", "a", "b"], "dataset": ["x", "x", "x"], "y": [1, 2, 3]})
    found = networks(table)
    assert [name for name, _ in found] == ["b, x", "a, x"]
    assert found[0][1]["y"].tolist() == [1, 3]


def test_a_single_panel_is_larger() -> None:
    assert size(1) > size(2) == size(5)
