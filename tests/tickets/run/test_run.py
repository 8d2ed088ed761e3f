"""The jobs of a run: who trains, which tickets, and for how long."""

from loft.tickets.results.cells import UNPRUNED
from loft.tickets.run.run import Run


def test_cells_that_train_and_cells_that_are_measured(run: Run) -> None:
    assert run.trained == ["dense", "gpipe-2", "local_sgd-2", "local_sgd-4", "loft-2", "loft-4"]
    assert run.measured == ["gpipe-4"]
    assert run.trainer("gpipe-4") == "gpipe-2"
    job = run.pretrain_job("preresnet18", "gpipe-4", 0)
    assert (job.trained_by, job.measured_steps) == ("gpipe-2", 2)


def test_the_dense_column_trains_for_the_whole_schedule(run: Run) -> None:
    job = run.pretrain_job("preresnet18", UNPRUNED, 0)
    assert (job.method, job.cell, job.epochs, job.snapshots) == ("dense", UNPRUNED, 3, [3])


def test_snapshots_are_after_every_so_many_epochs_and_the_last(run: Run) -> None:
    own = run.pretrain.model_copy(update={"epochs": 7, "snapshot_every": 3})
    assert run.model_copy(update={"pretrain": own}).snapshots == [0, 3, 6, 7]


def test_tickets_of_the_last_snapshot_and_early_ones(run: Run) -> None:
    """Only dense has the untrained network's tickets, and only chosen cells other early ones."""

    def found(cell: str) -> list[tuple[int, float]]:
        return [(name.snapshot, name.ratio) for name in run.tickets(cell)]

    assert found("dense") == [(0, 0.8), (2, 0.5), (2, 0.8)]
    assert found("loft-2") == [(1, 0.8), (2, 0.5), (2, 0.8)]
    assert found("local_sgd-2") == [(2, 0.5), (2, 0.8)]


def test_a_ticket_of_the_untrained_network_trains_for_the_whole_schedule(run: Run) -> None:
    """On the order of images that pretraining and fine-tuning have, from the first epoch on."""
    assert run.control_job("synflow").epoch == 0
    job = run.finetune_job("synflow", 0)
    assert [(name.snapshot, name.ratio) for name in job.tickets] == [(0, 0.5), (0, 0.8)]
    assert (job.epochs, job.sgd) == (run.schedule, run.pretrain.sgd)


def test_a_ticket_from_scratch_trains_for_the_whole_schedule(run: Run) -> None:
    assert run.finetune_job("scratch", 0).epochs == run.pretrain.epochs + run.finetune.epochs
    assert run.finetune_job("scratch", 0).sgd == run.pretrain.sgd
    assert run.finetune_job("random", 0).epochs == run.finetune.epochs
