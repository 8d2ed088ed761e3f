"""Pruning: the tickets of pretrainings, all snapshots and ratios in one process."""

from pathlib import Path

from loft import models
from loft.core.checkpoint import read_network, write_network
from loft.tickets import layout
from loft.tickets.blocks import narrow, pruned
from loft.tickets.jobs import PruneJob
from loft.tickets.pruning import surviving


def run(job: PruneJob, folders: list[Path]) -> None:
    """Write the tickets of the pretrainings in `folders`: of every snapshot at every ratio.

    A ticket's JSON names the filters of its narrowed blocks and where in the snapshot each was.
    """
    for folder in folders:
        prune(job, folder)


def prune(job: PruneJob, folder: Path) -> None:
    """Write the tickets of one pretraining."""
    for epoch in job.epochs:
        weights, about = read_network(layout.snapshot(folder, epoch))
        shape = {key: about[key] for key in ("channels", "size", "classes")}
        full = models.build(**about["model"], **shape)
        for ratio in job.ratios:
            kept = surviving(weights, pruned(full), ratio)
            ticket = {
                **about,
                "ratio": ratio,
                "filters": {path: len(indices) for path, indices in kept.items()},
                "kept": {path: indices.tolist() for path, indices in kept.items()},
            }
            write_network(layout.ticket(folder, epoch, ratio), narrow(weights, kept), ticket)
