"""A cell that another cell trains has that cell's tickets."""

from loft.tickets.report.tables.tickets import TICKET, make


def test_rows_of_a_cell_and_of_the_one_that_shares_its_training() -> None:
    about = {"model": {"name": "net"}, "dataset": "digits", "cell": "gpipe-2", "seed": 0}
    ticket = {**dict.fromkeys(TICKET, 1), "kind": "ticket", "test_accuracy": 50.0}
    tuned = [{**about, "kind": "job", "step": "finetune"}, ticket]
    other = {**about, "kind": "job", "step": "pretrain", "cell": "gpipe-4"}
    table = make([tuned, [{**other, "trained_by": "gpipe-2"}]])
    assert table["cell"].tolist() == ["gpipe-2", "gpipe-4"]
    assert table["test_accuracy"].tolist() == [50, 50]
