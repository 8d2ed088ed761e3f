"""Prune snapshots of pretrainings to tickets, all snapshots and ratios in one process."""

from pathlib import Path

from loft.core.files.checkpoint import write_network
from loft.core.seeding import torch_seed
from loft.models.build import build
from loft.tickets.network.blocks import narrow
from loft.tickets.network.criteria import CRITERIA
from loft.tickets.network.survivors import score, surviving
from loft.tickets.pretraining.snapshots import read_snapshot
from loft.tickets.pruning.job import ControlJob, PruneJob
from loft.tickets.results import paths


def run(job: PruneJob, folders: list[Path]) -> None:
    """Write the tickets of every snapshot at every ratio, for the pretrainings in `folders`.

    A ticket's JSON file holds the filters that stay in each pruned block, by their index in the
    snapshot.
    """
    for folder in folders:
        for epoch in job.epochs:
            prune(folder, folder, epoch, job, job.criterion)


def control(job: ControlJob, pretrained: Path, out: Path) -> None:
    """Write the tickets of a control, to compare with pretraining and with the ranking.

    `random`: filters of the dense network's last snapshot, chosen at random. `scratch`: a network
    of the ticket's shape with new random weights. `synflow`: filters of the untrained network,
    chosen by SynFlow.
    """
    by = job.control if job.control in CRITERIA else "random"
    prune(pretrained, out, job.epoch, job, by, job.control)


def prune(
    pretrained: Path,
    out: Path,
    epoch: int,
    job: PruneJob | ControlJob,
    by: str,
    control: str = "",
) -> None:
    """Write a snapshot's tickets, pruned by criterion `by`, for its own cell or a control.

    Raises:
        UserError: the snapshot is missing, damaged or belongs to another network.
    """
    full, weights, about = read_snapshot(pretrained, epoch)
    shape = {key: about[key] for key in ("channels", "size", "classes")}
    image = about["channels"], about["size"], about["size"]
    scores = score(by, full, weights, image, about["seed"])
    for ratio in job.ratios:
        kept = surviving(scores, ratio, job.multiple)
        filters = {path: len(indices) for path, indices in kept.items()}
        parent = None if control == "scratch" else about["test_accuracy"]
        ticket = {
            **{key: value for key, value in about.items() if key != "test_accuracy"},
            "parent_accuracy": parent,
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
