"""A row for each epoch, with the distances by every norm."""

from loft.tickets.report.tables.distances import make


def test_rows_by_hand() -> None:
    whose = {"model": "net", "dataset": "digits", "cell": "loft-2", "seed": 0}
    lines = [
        {**whose, "kind": "distance", "norm": norm, "to_epoch": 1, "mean": [scale, 0.0]}
        for norm, scale in (("l2", 2.0), ("l1", 1.0), ("max", 3.0))
    ]
    lines[0]["layers"] = {"stem.conv": [4.0, 0.0]}
    table = make([[{"kind": "job"}, *lines]])
    assert table["from_epoch"].tolist() == [0, 1]
    first = table.iloc[0]
    assert [first[column] for column in ("mean", "mean_l1", "mean_max")] == [2, 1, 3]
    assert (first["stem.conv"], first["to_epoch"], first["cell"]) == (4, 1, "loft-2")
