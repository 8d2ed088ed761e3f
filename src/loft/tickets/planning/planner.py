"""Compute the time, memory, files and bytes of each training of a run.

The trainings come from the `Run`; nothing is started. Device time is in device-seconds: a job with
S workers occupies S devices from its start to its end.
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
from loft.tickets.run.run import Run


@dataclasses.dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        step: Snakemake's rule: pretrain, measured, unpruned or finetune.
        model: name of the network.
        cell: name of the cell, the control or the dense column (`unpruned`).
        workers: S.
        tickets: number of tickets that are fine-tuned one after the other; 0 in pretraining.
        steps: steps of each worker, of all tickets together.
        step_seconds: seconds of a step; the mean over tickets.
        seconds: seconds from start to end, including evaluations.
        memory: memory of the worker that needs the most.
        disk: bytes of the weights, norms and distances that are written.
        sent: bytes of payload that its workers send.
        table_sent, table_paper: the cell's bytes in Table 1, by this project's protocol and by the
            paper's convention; a cell with measured steps only sends less.
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
    """Computes the jobs of any run on one data set, for one device speed."""

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
        table_sent = ledger.total_bytes(full, PROTOCOL)
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
            sent=table_sent if own is full else ledger.total_bytes(own, PROTOCOL),
            table_sent=table_sent,
            table_paper=ledger.total_bytes(full, PAPER),
        )

    def _transfers(self, job: PretrainJob, steps: int) -> tuple[Pretraining, Pretraining]:
        """Return the facts for counting bytes: of the whole training, and of this job's steps."""
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

    def rates_seconds(self, run: Run) -> float:
        """Return the device-seconds of the pretrainings that compare learning rates."""
        if run.rates is None:
            return 0.0
        grid, seeds, held_out = len(run.rates.grid), run.rates.seeds, run.rates.held_out
        images = self.data.train_images - held_out
        data = dataclasses.replace(self.data, train_images=images, test_images=held_out)
        return sum(
            grid * len(seeds) * job.workers * durations.pretraining(job, data, self.speed)
            for model in run.models
            for job in (run.pretrain_job(model.name, cell, seeds[0]) for cell in run.rated)
        )

    def lengths_seconds(self, run: Run) -> float:
        """Return the device-seconds of fine-tunings of other lengths."""
        return sum(
            len(run.seeds) * durations.finetuning(job, model, self.data, self.speed)
            for model in run.models
            for cell in run.trained
            for job in (
                run.length_job(cell, run.seeds[0], epochs) for epochs in run.finetune.lengths
            )
        )

    def device_seconds(self, run: Run, model: ModelSettings) -> float:
        """Return the device-seconds of one seed of a network: the sum over its jobs."""
        seed, total = run.seeds[0], 0.0
        for cell in pretrained(run):
            job = run.pretrain_job(model.name, cell, seed)
            total += job.workers * durations.pretraining(job, self.data, self.speed)
        for cell in finetuned(run):
            tuning = run.finetune_job(cell, seed)
            total += durations.finetuning(tuning, model, self.data, self.speed)
        return total


def pretrained(run: Run) -> list[str]:
    """Return the cells that a run pretrains or measures, and the dense column."""
    return [*run.trained, *run.measured, UNPRUNED]


def finetuned(run: Run) -> list[str]:
    """Return the cells and controls whose tickets a run fine-tunes."""
    return [*run.trained, *run.controls]


def rules(run: Run, jobs: list[Job]) -> dict[str, int]:
    """Return how often each rule runs. Rules without training take seconds to minutes."""
    networks = len(run.models) * len(run.seeds)
    once = dict.fromkeys(["record_params", "data", "table", "comm", "figures"], 1)
    found = Counter(job.step for job in jobs)
    found.update(prune=networks, control=networks * len(run.controls), **once)
    found.update(distance=len(run.seeds))
    if run.rates:
        tried = len(run.rated) * len(run.rates.grid) * len(run.rates.seeds)
        found.update(try_rate=len(run.models) * tried, learning_rates=1)
    if run.finetune.lengths:
        found.update(finetune_for_length=networks * len(run.trained) * len(run.finetune.lengths))
        found.update(lengths=1)
    if run.updates and "diversity" in run.studies:  # only that study reads them
        found.update(updates=len(run.models) * len(run.updates.cells))
    return dict(+found)


def longest_chain(jobs: list[Job]) -> float:
    """Return the seconds of a run with unlimited devices: those of the longest chain of its jobs.

    Tickets of a network and seed are pruned after its last pretraining; controls wait only for the
    dense one.
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
