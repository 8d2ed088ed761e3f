"""Pretrain as one worker: build its method and data, run the loop with its hooks, write lines.

The loop is the same for all methods and calls the method's `step` and `synchronise`.
"""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from loft.core.data.dataset import DataSet
from loft.core.errors import JobError
from loft.core.files.checkpoint import write_tensors
from loft.core.processes.progress import say
from loft.core.processes.turn_taking import ThreadWorker, describe_placement
from loft.core.processes.workers import Workers, peak_memory
from loft.core.reporting.metrics import Journal
from loft.core.reporting.provenance import machine
from loft.core.training.hooks import (
    AddLine,
    CountBytes,
    Evaluate,
    Hook,
    KeepState,
    ShowProgress,
    StopOnDivergence,
    Summarise,
)
from loft.core.training.learner import configure_torch, resolve_precision, wait
from loft.core.training.loop import Loop, Schedule, Seconds
from loft.core.training.resume import StateKeeper
from loft.tickets.methods.worker import Worker
from loft.tickets.network.norms import ALL_NORMS
from loft.tickets.network.record_norms import Record, RecordNorms, stacked
from loft.tickets.pretraining.calibration import CALIBRATION_BATCH
from loft.tickets.pretraining.job import PretrainJob
from loft.tickets.pretraining.ledger_entry import ledger_entry, predicted_bytes, work
from loft.tickets.pretraining.setup import setup
from loft.tickets.pretraining.take_snapshots import TakeSnapshots, diverged
from loft.tickets.results import paths


class Pretraining:
    """One worker's part of a pretraining; rank 0 also evaluates, measures and writes."""

    def __init__(
        self, job: PretrainJob, data: DataSet, workers: Workers, keeper: StateKeeper, loaders: int
    ) -> None:
        configure_torch(job.compute, workers.device)
        self._baseline = peak_memory(workers.device)
        self._job, self._data, self._workers, self._keeper = job, data, workers, keeper
        self._batches = data.batches(job.augment, job.sgd.batch_size, workers.device, loaders)
        self._setup = setup(job, data, workers, self._calibration)
        self._method: Worker = job.options.worker(self._setup)
        self._about: dict[str, Any] = {
            "model": job.model.facts(),
            "dataset": data.dataset,
            "channels": data.channels,
            "size": data.size,
            "classes": data.classes,
            "cell": job.cell,
            "seed": job.seed,
        }
        length = self._batches.length
        self._entry = ledger_entry(job, data.channels, data.size, data.classes, length)
        self._journal = Journal(
            {
                "step": "pretrain",
                **self._about,
                "method": job.method,
                "workers": job.workers,
                **({"turns": True} if isinstance(workers, ThreadWorker) else {}),
                "precision": resolve_precision(job.compute.precision, workers.device),
                "epochs": job.epochs,
                "batch_size": job.sgd.batch_size,
                "learning_rate": job.sgd.learning_rate,
                **({"held_out": job.held_out} if job.held_out else {}),
                "iterations_per_epoch": length,
                "rounds": self._entry.rounds,
                "trained_by": job.trained_by,
            },
            device=workers.device,
        )

    def _calibration(self) -> Iterator[Tensor]:
        return self._batches.calibration(self._job.calibration_images, CALIBRATION_BATCH)

    def run(self, out: Path, metrics: Path) -> None:
        """Pretrain to the end; rank 0 writes snapshots and filter norms into `out`, and `metrics`.

        A job with `trained_by` takes only the measured steps and writes `metrics`.
        """
        name = (
            f"pretrain {self._about['model']['name']} {self._about['cell']} seed {self._job.seed}"
        )
        if self._job.measured_steps is not None:
            self._say(name)
            self._finish(metrics, *self._measure(self._job.measured_steps))
            return
        folder, record = self._keeper.outputs(out), Record()
        loop = self._loop(name, folder, record)
        loop.start(self._keeper.restore())
        self._say(name)
        loop.run()
        if self._workers.rank == 0:
            write_tensors(paths.norms(folder), stacked(record))
            self._keeper.finish(out)
        self._finish(metrics, self._workers.sent, loop.seconds)

    def _say(self, name: str) -> None:
        if self._workers.rank == 0:
            say(f"{name}  {describe_placement(self._workers)}")

    def _loop(self, name: str, folder: Path, record: Record) -> Loop:
        """Return this worker's training loop: its schedule, data and hooks."""
        job, workers, batches, method = self._job, self._workers, self._batches, self._method
        schedule = Schedule(
            job.epochs,
            batches.length,
            job.sgd.learning_rate,
            method.local_iterations,
            job.options.synchronous_epochs,
            job.options.rate_periods,
        )
        evaluated = {*job.snapshots, job.epochs, *range(0, job.epochs + 1, job.evaluate_every)}

        def of_epoch(epoch: int, start: int) -> Iterator[tuple[Tensor, Tensor]]:
            return batches.epoch(job.seed, epoch, method.order, start)

        def error(epoch: int, loss: float) -> JobError:
            return diverged(folder, job.snapshots, epoch, f"the loss is {loss}")

        hooks: list[Hook] = [
            Summarise(workers),
            StopOnDivergence(error),
            CountBytes(workers),
        ]
        if workers.rank == 0:
            hooks += [
                Evaluate(batches, job.compute.precision, workers.device, evaluated),
                RecordNorms(record, ALL_NORMS),
                TakeSnapshots(folder, job.snapshots, {**self._about, **self._origin()}),
                AddLine(self._journal),
                ShowProgress(name, job.epochs),
            ]
        hooks.append(KeepState(self._keeper))
        return Loop(schedule, of_epoch, method, self._setup.build, workers.device, hooks)

    def _origin(self) -> dict[str, Any]:
        """Return what a snapshot's file says beside the facts of all lines."""
        job, data = self._job, self._data
        mean, std = data.normalisation()
        return {
            "run": job.run,
            "class_names": data.class_names,
            "mean": mean,
            "std": std,
            "precision": resolve_precision(job.compute.precision, self._workers.device),
            **machine(),
        }

    def _measure(self, steps: int) -> tuple[int, Seconds]:
        """Take some steps to measure them.

        Return the bytes that this worker would send in the whole training, and the seconds taken.
        """
        job, length = self._job, self._batches.length
        batches = self._batches.epoch(job.seed, 1, self._method.order)
        taken = 0
        started = time.perf_counter()
        for images, labels in itertools.islice(batches, steps):
            self._method.step(images, labels, job.sgd.learning_rate)
            taken += 1
        wait(self._workers.device)
        spent = Seconds(training=time.perf_counter() - started)
        seconds = spent.training / taken
        self._journal.add("measured", {"seconds_per_step": round(seconds, 6)}, steps=taken)
        stepping = self._workers.sent
        self._method.synchronise(collect=True)
        collecting = self._workers.sent - stepping
        return job.epochs * (length * stepping // taken + collecting), spent

    def _finish(self, metrics: Path, sent: int, spent: Seconds) -> None:
        """Write a line for each worker and one for all; `sent`: bytes that this worker sent."""
        facts = {
            "rank": self._workers.rank,
            "parameters": self._method.parameters,
            "bytes_sent": sent,
        }
        varying = {
            "pid": os.getpid(),
            "peak_memory_bytes": peak_memory(self._workers.device),
            "baseline_memory_bytes": self._baseline,
            "training_seconds": round(spent.training, 3),
            "synchronising_seconds": round(spent.synchronising, 3),
        }
        reports = self._workers.exchange({"facts": facts, "varying": varying})
        if self._workers.rank == 0:
            for report in reports:
                self._journal.add("worker", report["varying"], **report["facts"])
            everything = sum(report["facts"]["bytes_sent"] for report in reports)
            predicted = predicted_bytes(self._entry)
            self._journal.add("result", bytes_sent=everything, **predicted, **work(self._entry))
            self._journal.write(metrics)
        self._workers.close()
