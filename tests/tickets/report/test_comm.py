"""The command prints the predicted column, as CSV or with what describes it."""

import csv
import io

from loft.tickets.report import comm
from tests.conftest import ROOT, loft


def test_the_command_prints_every_row() -> None:
    head = ["version", "model", "dataset", "method", "workers"]
    printed = loft("comm", "--csv")
    assert printed.returncode == 0, printed.stderr
    read = list(csv.DictReader(io.StringIO(printed.stdout)))
    assert len(read) == 61
    assert list(read[0]) == [*head, "printed", "predicted", "error_percent"]
    text = comm.run(csv=False)
    assert "fitted" in text
    assert "after the fact" in text


def test_the_committed_table_is_what_it_prints() -> None:
    text = comm.run(csv=True)
    for path in ROOT.glob("results/*/tickets/comm.csv"):
        assert path.read_text(encoding="utf-8") == text
