"""What the rules of the tickets study share: folders, closed sets, and which tickets are trained."""

import re

from loft.core.system.gpus import cards
from loft.core.data.augmentation import KINDS
from loft.models import NETWORKS
from loft.tickets.network.criteria import CRITERIA
from loft.tickets.methods import METHODS
from loft.tickets.planning.demand import Demand
from loft.tickets.planning.requests import Requests
from loft.tickets.results import paths
from loft.tickets.results.cells import DENSE, UNPRUNED, UNTRAINED, Cell
from loft.tickets.results.paths import with_json
from loft.tickets.run.files import Files

TICKETS = paths.Paths(PATHS.results)
FILES = Files(RUN, TICKETS)  # of all jobs
PRETRAINED = TICKETS.pretraining()  # the folder of a pretraining's weights
LINES = TICKETS.lines()  # of a pretraining
CARDS = cards()
DEMAND = Demand(RUN, CARDS)  # for places on GPUs
REQUESTS = Requests(RUN, CARDS)  # for memory and time
if (
    DEMAND.total and "gpu" not in workflow.global_resources
):  # unless --resources says it
    workflow.register_resource("gpu", DEMAND.total)
PRETRAIN = "loft.tickets.pretraining.pretrain"  # modules of steps that train
FINETUNE = "loft.tickets.finetuning.finetune"
EVERY_NETWORK = [NETWORKS[model.name].make for model in RUN.models]


def one_of(names):
    """The regular expression of these names, for a wildcard; of no name if there are none."""
    return "|".join(map(re.escape, names)) or "none"


wildcard_constraints:
    model=one_of(model.name for model in RUN.models),
    cell=one_of([*(cell.name for cell in RUN.cells), *RUN.controls]),
    seed=one_of(
        map(str, dict.fromkeys([*RUN.seeds, *(RUN.rates.seeds if RUN.rates else [])]))
    ),
    epoch=one_of(map(str, RUN.snapshots)),


def training(stage, cell=None):
    """What gives the code of a job that trains, with its data, its network and its method."""

    def of_job(wildcards):
        method = Cell.parse(cell or wildcards.cell).base
        return code(
            stage,
            KINDS[RUN.data.kind].data,
            NETWORKS[wildcards.model].make,
            *([METHODS[method]] if stage == PRETRAIN else []),
        )

    return of_job


def processes(wildcards):
    """Cores that a pretraining keeps busy."""
    return Cell.parse(wildcards.cell).workers * (RUN.compute.threads + RUN.data.loaders)


def widest_first(wildcards):
    """Return the priority of a pretraining: 10 times the square of its processes.

    Jobs of one core fill any gap, and are there until the end; the others wait for several free
    cores, which stay idle meanwhile.
    """
    return 10 * processes(wildcards) ** 2


def longest_first(wildcards):
    """Return the priority of a fine-tuning, so that long ones start first."""
    job = RUN.finetune_job(wildcards.cell, int(wildcards.seed))
    return len(job.tickets) * job.epochs / RUN.schedule


def snapshots(folder, epochs):
    """The weights of a pretraining after some epochs, and the JSON beside each file."""
    return [
        path for epoch in epochs for path in with_json(paths.snapshot(folder, epoch))
    ]


def tickets(folder, names):
    """Tickets of a pretraining, (epoch, ratio) each, and the JSON beside each file."""
    return [path for name in names for path in with_json(paths.ticket(folder, *name))]


def finetuned(folder, names):
    """The networks of tickets after fine-tuning, and the JSON beside each file."""
    return [
        path
        for name in names
        for path in with_json(paths.finetuned(folder, name.snapshot, name.ratio))
    ]


def tuned(wildcards):
    """The tickets of a pretraining that are fine-tuned."""
    folder = TICKETS.pretraining(wildcards.model, wildcards.cell, wildcards.seed)
    names = RUN.tickets(wildcards.cell)
    return tickets(folder, [(name.snapshot, name.ratio) for name in names])
