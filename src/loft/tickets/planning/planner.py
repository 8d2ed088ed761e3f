"""What a run would do and need: its trainings, what they share, and sums over them.

The trainings are those that the `Run` itself names; nothing is started. Time is in seconds of
devices: a job of S workers occupies S of them from its start to its end.
"""

import dataclasses
from collections import Counter

from loft.core.data.dimensions import Dimensions
from loft.models import ModelSettings
from loft.tickets.communication import ledger
from loft.tickets.methods.convention import PAPER, PROTOCOL, Pretraining
from loft.tickets.planning import costs, durations, footprint
from loft.tickets.planning.footprint import Memory
from loft.tickets.planning.speed import Speed
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry
from loft.tickets.results.cells import CONTROLS, DENSE, UNPRUNED
from loft.tickets.run.params import Run


@dataclasses.dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        step: the rule that makes it: pretrain, measured, unpruned or finetune.
        model: the network's name.
        cell: whose it is: a cell's, a control's or the dense column's.
        workers: S.
        tickets: how many are fine-tuned one after the other; 0 in pretraining.
        steps: of each worker, of all tickets together.
        step_seconds: how long a step lasts; of tickets the mean.
        seconds: from start to end, evaluations included.
        memory: of the worker that needs most.
        disk: bytes of weights, norms and distances that are kept.
        sent: bytes of payload that its workers send.
        table_sent, table_paper: bytes that Table 1 gives for the cell, by this project's protocol
            and by the paper's convention; a training that is only measured sends less.
    """

    step: str
    model: str
    cell: str
    seed: int
    workers: int
    tickets: int
    steps: int
    step_seconds: float
    seconds: float
    memory: Memory
    disk: int
    sent: float = 0.0
    table_sent: float = 0.0
    table_paper: float = 0.0

    @property
    def device_seconds(self) -> float:
        return self.workers * self.seconds


@dataclasses.dataclass(frozen=True)
class Planner:
    """The account of any run on one data set at one speed."""

    data: Dimensions
    speed: Speed

    def jobs(self, run: Run) -> list[Job]:
        """Return every training of a run."""
        return [
            job
            for model in run.models
            for seed in run.seeds
            for job in [
                *(self.pretraining(run, model, cell, seed) for cell in pretrained(run)),
                *(self.finetuning(run, model, cell, seed) for cell in finetuned(run)),
            ]
        ]

    def pretraining(self, run: Run, model: ModelSettings, cell: str, seed: int) -> Job:
        job, data = run.pretrain_job(model.name, cell, seed), self.data
        steps = durations.pretraining_steps(job, data)
        full, own = self._transfers(job, steps)
        return Job(
            step="unpruned" if cell == UNPRUNED else "measured" if job.trained_by else "pretrain",
            model=model.name,
            cell=cell,
            seed=seed,
            workers=job.workers,
            tickets=0,
            steps=steps,
            step_seconds=durations.pretraining_step(job, data, self.speed),
            seconds=durations.pretraining(job, data, self.speed),
            memory=footprint.pretraining_memory(job, data, self.speed.precision),
            disk=footprint.pretraining_files(job, data),
            sent=ledger.transferred(own, PROTOCOL),
            table_sent=ledger.transferred(full, PROTOCOL),
            table_paper=ledger.transferred(full, PAPER),
        )

    def _transfers(self, job: PretrainJob, steps: int) -> tuple[Pretraining, Pretraining]:
        """Return the whole training as the ledger sees it, and what this job does of it."""
        data = self.data
        length = durations.iterations(job.sgd.batch_size, data)
        entry = ledger_entry(job, data.channels, data.size, data.classes, length)
        full = dataclasses.replace(entry, network=costs.networks(job.model, data))
        if job.measured_steps is None:
            return full, full
        return full, dataclasses.replace(full, steps=steps, epochs=1)  # stages collected once

    def finetuning(self, run: Run, model: ModelSettings, cell: str, seed: int) -> Job:
        job, data = run.finetune_job(cell, seed), self.data
        steps = len(job.tickets) * job.epochs * durations.iterations(job.sgd.batch_size, data)
        each = [durations.ticket_step(job, model, name, data, self.speed) for name in job.tickets]
        snapshots = 1 if cell in CONTROLS else len(run.snapshots)
        tickets = footprint.ticket_files(model, run.prune, snapshots, data)
        return Job(
            step="finetune",
            model=model.name,
            cell=cell,
            seed=seed,
            workers=1,
            tickets=len(job.tickets),
            steps=steps,
            step_seconds=sum(each) / len(each),
            seconds=durations.finetuning(job, model, data, self.speed),
            memory=footprint.finetuning_memory(job, model, data, self.speed.precision),
            disk=tickets + footprint.finetuning_files(job, model, data),
        )

    def device_seconds(self, run: Run, model: ModelSettings) -> float:
        """Return what one seed of a network costs: the sum over `jobs`, without their accounts."""
        seed, total = run.seeds[0], 0.0
        for cell in pretrained(run):
            job = run.pretrain_job(model.name, cell, seed)
            total += job.workers * durations.pretraining(job, self.data, self.speed)
        for cell in finetuned(run):
            tuning = run.finetune_job(cell, seed)
            total += durations.finetuning(tuning, model, self.data, self.speed)
        return total


def pretrained(run: Run) -> list[str]:
    """Return whose pretrainings a run makes, for each network and seed."""
    return [*run.trained, *run.measured, UNPRUNED]


def finetuned(run: Run) -> list[str]:
    """Return whose tickets a run fine-tunes, for each network and seed."""
    return [*run.trained, *run.controls]


def rules(run: Run, jobs: list[Job]) -> dict[str, int]:
    """Return how often each rule runs; those that train nothing take seconds to minutes."""
    settings = len(run.models) * len(run.seeds)
    once = dict.fromkeys(["record_params", "data", "distance", "table", "comm", "figures"], 1)
    found = Counter(job.step for job in jobs)
    found.update(prune=settings, control=settings * len(run.controls), **once)
    if run.updates and "diversity" in run.studies:  # the study that they are measured for
        found.update(updates=len(run.models) * len(run.updates.cells))
    return dict(+found)


def longest_chain(jobs: list[Job]) -> float:
    """Return the seconds of a run with devices without end: of the longest chain of its jobs.

    Tickets of a network and seed are cut when its last pretraining has ended; those of controls
    wait for the dense one alone.
    """
    found = [0.0]
    for setting in {(job.model, job.seed) for job in jobs}:
        own = [job for job in jobs if (job.model, job.seed) == setting]
        training = {job.cell: job.seconds for job in own if job.step == "pretrain"}
        tuning = {job.cell: job.seconds for job in own if job.step == "finetune"}
        found += [job.seconds for job in own if job.step in ("unpruned", "measured")]
        for cell, seconds in tuning.items():
            start = training[DENSE] if cell in CONTROLS else max(training.values())
            found.append(start + seconds)
    return max(found)
