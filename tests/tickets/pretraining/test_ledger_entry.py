"""The facts from which a job's bytes are computed."""

from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PAPER, PROTOCOL
from loft.tickets.pretraining.ledger_entry import ledger_entry, predicted_bytes, work
from loft.tickets.run.run import Run
from tests.conftest import TINY


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


def test_what_workers_do_in_a_pretraining(run: Run) -> None:
    """Workers that train by themselves each pass over the data; a pipeline passes once."""

    def done(cell: str) -> dict[str, int]:
        return work(ledger_entry(run.pretrain_job("preresnet18", cell, 0), 1, 8, 10, iterations=5))

    dense = done("dense")
    assert dense["images_seen"] == 2 * 5 * 32
    assert done("gpipe-4") == dense
    assert done("local_sgd-4") == {key: 4 * value for key, value in dense.items()}
    assert done("loft-4")["images_seen"] == 4 * dense["images_seen"]
    assert 2 < done("loft-4")["operations"] / dense["operations"] < 3.5


def test_loft_4_does_what_table_1s_partition_leaves_to_each_worker() -> None:
    """Each of four workers has 69 % of the operations of PreResNet-18 at the paper's size."""
    values = {**TINY, "models": [{"name": "preresnet18", "width": 64}]}
    whole = Run.model_validate(values)
    loft, dense = (
        work(ledger_entry(whole.pretrain_job("preresnet18", cell, 0), 3, 32, 10, iterations=1))
        for cell in ("loft-4", "dense")
    )
    assert round(loft["operations"] / dense["operations"] / 4, 2) == 0.69
