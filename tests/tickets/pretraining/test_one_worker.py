"""A worker trains to the end and writes what it made, or takes some steps to measure them.

Here all workers are in this process; `tests/tickets/test_methods.py` has real processes.
"""

from pathlib import Path

import pytest

from loft.core.reporting.metrics import Line, read
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PROTOCOL
from loft.tickets.pretraining import pretrain
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.pretraining.snapshots import read_norms
from loft.tickets.results import paths
from loft.tickets.run.run import Run


def trained(run: Run, cell: str, images: Path, folder: Path) -> list[Line]:
    job = run.pretrain_job("preresnet18", cell, 0)
    pretrain.run(job, images, folder, folder / "metrics.jsonl", turns=True)
    return read(folder / "metrics.jsonl")


@pytest.mark.parametrize("cell", ["dense", "loft-2"])
def test_what_a_training_leaves(run: Run, images_file: Path, tmp_path: Path, cell: str) -> None:
    """A line for each epoch, worker and the whole, and a snapshot for each that is asked for."""
    job = run.pretrain_job("preresnet18", cell, 0)
    first, *lines = trained(run, cell, images_file, tmp_path)
    kinds = ["epoch"] * job.epochs + ["worker"] * job.workers + ["result"]
    assert [line["kind"] for line in lines] == kinds
    assert [line["epoch"] for line in lines[: job.epochs]] == [1, 2]
    assert (first["step"], first["cell"], first["workers"]) == ("pretrain", cell, job.workers)
    snapshots = {paths.snapshot(tmp_path, epoch) for epoch in job.snapshots}
    assert {*tmp_path.rglob("*.safetensors")} == {*snapshots, paths.norms(tmp_path)}
    rows = read_norms(paths.norms(tmp_path), {**first, "epochs": job.epochs}).values()
    assert {len(each) for each in rows} == {job.epochs + 1}


def test_lines_hold_no_time_and_no_memory(run: Run, images_file: Path, tmp_path: Path) -> None:
    """What varies from run to run is kept beside them."""
    *_, worker, _ = trained(run, "dense", images_file, tmp_path)
    assert {*worker} == {"kind", "rank", "parameters", "bytes_sent"}


def test_bytes_of_the_whole_are_those_of_its_workers_and_of_the_ledger(
    run: Run, images_file: Path, tmp_path: Path
) -> None:
    first, *lines = trained(run, "loft-2", images_file, tmp_path)
    sent = [line["bytes_sent"] for line in lines if line["kind"] == "worker"]
    entry = ledger_entry(
        run.pretrain_job("preresnet18", "loft-2", 0), 1, 8, 10, first["iterations_per_epoch"]
    )
    assert sum(sent) == lines[-1]["bytes_sent"] == ledger.total_bytes(entry, PROTOCOL)
    assert all(sent)


def test_a_measured_job_takes_its_steps_and_leaves_lines_alone(
    run: Run, images_file: Path, tmp_path: Path
) -> None:
    """Two steps stand for all: the bytes are those of the whole training."""
    first, *lines = trained(run, "gpipe-4", images_file, tmp_path)
    assert first["trained_by"] == "gpipe-2"
    assert [line["steps"] for line in lines if line["kind"] == "measured"] == [2]
    assert not [line for line in lines if line["kind"] == "epoch"]
    assert not [*tmp_path.rglob("*.safetensors")]
    entry = ledger_entry(
        run.pretrain_job("preresnet18", "gpipe-4", 0), 1, 8, 10, first["iterations_per_epoch"]
    )
    assert lines[-1]["bytes_sent"] == ledger.total_bytes(entry, PROTOCOL)
