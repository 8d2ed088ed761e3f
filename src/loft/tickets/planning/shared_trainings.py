"""Find what the cells of a run share, so that it is made once, and the time that this saves."""

from collections.abc import Iterator
from dataclasses import dataclass

from loft.models import ModelSettings
from loft.tickets.planning import durations
from loft.tickets.planning.planner import Planner
from loft.tickets.results.cells import DENSE
from loft.tickets.run.run import Run


@dataclass(frozen=True)
class Shared:
    """Something made once, and the device-seconds saved by not making it again."""

    what: str
    saved: float | None


def shared(planner: Planner, run: Run) -> list[Shared]:
    """Return what the cells of a run share, over all its networks and seeds."""
    seeds = len(run.seeds)
    found = []
    for cell in run.measured:
        steps = run.pretrain_job(run.models[0].name, cell, run.seeds[0]).measured_steps
        saved = seeds * sum(_training(planner, run, model, cell) for model in run.models)
        trainer = run.trainer(cell)
        text = f"{cell} has {trainer}'s networks and tickets; it takes {steps} steps to be measured"
        found.append(Shared(text, saved))
    untrained = [cell for cell in run.trained if cell != DENSE and len(_early(run, cell))]
    if untrained and run.finetune.early.ratios:
        saved = seeds * len(untrained) * sum(_untrained(planner, run))
        text = f"the untrained network's ticket is tuned once, in dense, for {', '.join(untrained)}"
        found.append(Shared(text, saved))
    if "random" in run.controls:
        saved = seeds * sum(_dense(planner, run))
        found.append(Shared("the random ticket is cut out of dense's last snapshot", saved))
    rows = len(run.cells) + len(run.controls)
    text = f"one unpruned run a seed is the dense column of {rows} rows, and Figure 1"
    found.append(Shared(text, None))
    once = "once a run: the file of images, distances, tables, figures, the printed column's model"
    return [*found, Shared(once, None)]


def _early(run: Run, cell: str) -> list[float]:
    return [name.ratio for name in run.tickets(cell) if name.snapshot < run.pretrain.epochs]


def _training(planner: Planner, run: Run, model: ModelSettings, cell: str) -> float:
    """Return the additional device-seconds to pretrain a measured cell and tune its tickets."""
    seed = run.seeds[0]
    job = run.pretrain_job(model.name, cell, seed)
    full = job.model_copy(update={"trained_by": None, "measured_steps": None})
    whole, part = (durations.pretraining(each, planner.data, planner.speed) for each in (full, job))
    tickets = run.finetune_job(run.trainer(cell), seed)
    tuning = durations.finetuning(tickets, model, planner.data, planner.speed)
    return job.workers * (whole - part) + tuning


def _untrained(planner: Planner, run: Run) -> Iterator[float]:
    job = run.finetune_job(DENSE, run.seeds[0])
    for model in run.models:
        for name in job.tickets:
            if name.snapshot == 0:
                yield durations.ticket(job, model, name, planner.data, planner.speed)


def _dense(planner: Planner, run: Run) -> Iterator[float]:
    for model in run.models:
        job = run.pretrain_job(model.name, DENSE, run.seeds[0])
        yield durations.pretraining(job, planner.data, planner.speed)
