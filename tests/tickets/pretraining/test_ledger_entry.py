"""The facts from which a job's bytes are computed."""

from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PAPER, PROTOCOL
from loft.tickets.pretraining.ledger_entry import ledger_entry, predicted_bytes
from loft.tickets.run.run import Run


def test_facts_of_a_job(run: Run) -> None:
    """Two epochs of 5 steps, in rounds of at most 2."""
    entry = ledger_entry(run.pretrain_job("preresnet18", "loft-4", 0), 1, 8, 10, iterations=5)
    assert (entry.workers, entry.batch, entry.image) == (4, 32, (1, 8, 8))
    assert (entry.steps, entry.rounds, entry.epochs) == (10, 6, 2)


def test_bytes_by_both_conventions(run: Run) -> None:
    entry = ledger_entry(run.pretrain_job("preresnet18", "loft-4", 0), 1, 8, 10, iterations=5)
    assert predicted_bytes(entry) == {
        "bytes_model": ledger.total_bytes(entry, PROTOCOL),
        "bytes_paper": ledger.total_bytes(entry, PAPER),
    }
