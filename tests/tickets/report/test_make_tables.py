"""The summary that `dvc metrics show` reads."""

import pandas as pd

from loft.tickets.report.make_tables import summarise


def test_accuracies_and_cost_by_model_and_cell() -> None:
    row = {"model": "net", "method": "loft", "workers": 2, "dense_accuracy": 90.0}
    row |= {"pretrain_accuracy": None, "accuracy_80": 80.1234567, "accuracy_80_std": 1.0}
    found = summarise(pd.DataFrame([{**row, "comm_gigabytes": 0.25}]))
    cell = {"accuracy_80": 80.123457, "comm_gigabytes": 0.25}
    assert found == {"tickets": {"net": {"dense_accuracy": 90.0, "loft-2": cell}}}
