"""Pruning: the tickets of pretrainings, all snapshots and ratios in one process."""

from pathlib import Path

from loft.core.files.checkpoint import write_network
from loft.core.seeding import torch_seed
from loft.models.build import build
from loft.tickets.network.blocks import narrow, pruned
from loft.tickets.pretraining.snapshots import read_snapshot
from loft.tickets.pruning.job import ControlJob, PruneJob
from loft.tickets.pruning.survivors import surviving
from loft.tickets.results import paths


def run(job: PruneJob, folders: list[Path]) -> None:
    """Write the tickets of the pretrainings in `folders`: of every snapshot at every ratio.

    A ticket's JSON names the filters of its narrowed blocks and where in the snapshot each was.
    """
    for folder in folders:
        for epoch in job.epochs:
            prune(folder, folder, epoch, job, job.criterion)


def control(job: ControlJob, pretrained: Path, out: Path) -> None:
    """Write tickets that say what pretraining and the ranking are worth.

    `random`: filters of the dense network's last snapshot, chosen by chance. `scratch`: a new
    network of the ticket's shape.
    """
    prune(pretrained, out, job.epoch, job, "random", job.control)


def prune(
    pretrained: Path,
    out: Path,
    epoch: int,
    job: PruneJob | ControlJob,
    by: str,
    control: str = "",
) -> None:
    """Write a snapshot's tickets, pruned by a criterion, as those of its own cell or a control.

    Raises:
        UserError: the snapshot is missing, damaged or another network's.
    """
    full, weights, about = read_snapshot(pretrained, epoch)
    shape = {key: about[key] for key in ("channels", "size", "classes")}
    for ratio in job.ratios:
        kept = surviving(weights, pruned(full), ratio, by, about["seed"], job.multiple)
        filters = {path: len(indices) for path, indices in kept.items()}
        ticket = {
            **about,
            "cell": control or about["cell"],
            "ratio": ratio,
            "multiple": job.multiple,
            "filters": filters,
            "kept": {path: indices.tolist() for path, indices in kept.items()},
        }
        state = narrow(weights, kept)
        if control == "scratch":
            seed = torch_seed("scratch", about["seed"])
            state = build(**about["model"], **shape, filters=filters, seed=seed).state_dict()
        write_network(paths.ticket(out, epoch, ratio), state, ticket)
